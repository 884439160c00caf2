// What an engine needs of a browser.
import type { StartWorker } from './link.js';
import type { StorageFacts } from './types.js';

/** Bytes of the machine, as far as a page is told. */
export function memoryOfMachine(): number | undefined {
  const gigabytes: unknown = 'deviceMemory' in navigator ? navigator.deviceMemory : undefined;
  return typeof gigabytes === 'number' ? gigabytes * 2 ** 30 : undefined;
}

export const startWorker: StartWorker = (url, receive, onEnd) => {
  if (typeof Worker !== 'function') throw new Error('there are no workers here');
  // Bundlers find the file by this very expression.
  const worker =
    url === undefined
      ? new Worker(new URL('engine-worker.js', import.meta.url), { type: 'module' })
      : new Worker(url, { type: 'module' });
  worker.onmessage = ({ data }: MessageEvent<Parameters<typeof receive>[0]>) => {
    receive(data);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    onEnd(new Error(event.message || 'its script could not be loaded'));
  };
  return {
    post: (message, transfer = []) => {
      worker.postMessage(message, transfer);
    },
    keepAlive: () => undefined,
    end: () => {
      worker.terminate();
      return Promise.resolve();
    },
  };
};

export function canStartWorkers(): boolean {
  return typeof Worker === 'function';
}

/** Downloads are kept in the origin's private file system, which there is in secure contexts. */
export async function storageFacts(): Promise<StorageFacts> {
  if (!('storage' in navigator && 'getDirectory' in navigator.storage)) return { kind: 'none' };
  const { storage } = navigator;
  const [{ quota, usage }, persisted] = await Promise.all([storage.estimate(), storage.persisted()]);
  return { kind: 'opfs', quota, usage, persisted };
}

/** Asks the browser not to clear what is downloaded. Only pages can; the answer, which may be a person's, is not awaited. */
export function keepStorage(): void {
  if ('storage' in navigator && 'persist' in navigator.storage) {
    void navigator.storage.persist().catch(() => undefined);
  }
}

/** A URL that means the same in a worker, whose own address is another one. */
export function absolute(location: string | URL): string {
  return new URL(location, typeof document === 'undefined' ? self.location.href : document.baseURI).href;
}

/** A Blob is read in a worker without being copied. */
export function clonesBlobs(): boolean {
  return true;
}
