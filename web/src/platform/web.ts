import { ChordError } from '../errors.js';
import type { EndWorker, WorkerStart } from '../host/worker.js';
import type { Platform } from './platform.js';

const kernels = {
  simd128: [
    () => new URL('kernels-simd128.wasm', import.meta.url),
    () => new URL('kernels-simd128-threads.wasm', import.meta.url),
  ],
  relaxed: [
    () => new URL('kernels-relaxed.wasm', import.meta.url),
    () => new URL('kernels-relaxed-threads.wasm', import.meta.url),
  ],
  relaxed64: [
    () => new URL('kernels-relaxed64.wasm', import.meta.url),
    () => new URL('kernels-relaxed64-threads.wasm', import.meta.url),
  ],
} as const;

export const platform: Platform = {
  // Bundlers find the files by these very expressions.
  compileControl: (assets) =>
    compileFetched(assets === undefined ? new URL('chord.wasm', import.meta.url) : inFolder(assets, 'chord.wasm')),
  compileKernels: (variant, threaded, assets) =>
    compileFetched(
      assets === undefined
        ? kernels[variant][threaded ? 1 : 0]()
        : inFolder(assets, `kernels-${variant}${threaded ? '-threads' : ''}.wasm`),
    ),
  compileFrom: compileFetched,
  get processors() {
    return navigator.hardwareConcurrency;
  },
  get sharesMemory() {
    return typeof Worker === 'function' && 'crossOriginIsolated' in globalThis && crossOriginIsolated;
  },
  maySleep: typeof document === 'undefined',
  startWorker,
  openPath: () => undefined,
  openStorage: async (folder, kind) => (await import('../cache/opfs.js')).openOpfs(folder, kind),
  sha256: async () => new (await import('../download/sha256.js')).Sha256(),
  get baseUrl() {
    return typeof document === 'undefined' ? location.href : document.baseURI;
  },
  hasCors: true,
  nextTask,
};

function inFolder(folder: string | URL, name: string): string {
  return `${String(folder).replace(/\/$/, '')}/${name}`;
}

function startWorker(start: WorkerStart, onLost: () => void): EndWorker | undefined {
  let worker: Worker;
  try {
    worker = new Worker(new URL('kernels-worker.js', import.meta.url), { type: 'module' });
  } catch {
    return undefined;
  }
  let working = false;
  worker.onmessage = () => (working = true);
  worker.onerror = (event) => {
    // One that never began is not missed.
    event.preventDefault();
    if (working) onLost();
  };
  worker.postMessage(start);
  return () => {
    worker.terminate();
  };
}

async function compileFetched(url: string | URL): Promise<WebAssembly.Module> {
  const response = await fetch(url);
  if (!response.ok) throw new ChordError('io', `${String(url)}: HTTP status ${response.status}`);
  // Engines refuse to compile while streaming what is not declared as wasm.
  return response.headers.get('content-type')?.startsWith('application/wasm')
    ? WebAssembly.compileStreaming(response)
    : WebAssembly.compile(await response.arrayBuffer());
}

// A message, since setTimeout waits for 4 ms once it nests.
const waiting: (() => void)[] = [];
let channel: MessageChannel | undefined;

function nextTask(): Promise<void> {
  if (!channel) {
    channel = new MessageChannel();
    channel.port1.onmessage = () => waiting.shift()?.();
  }
  const { port2 } = channel;
  return new Promise((resolve) => {
    waiting.push(resolve);
    port2.postMessage(undefined);
  });
}
