// What an engine needs of Node, Bun and Deno.
import { totalmem } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { StartWorker } from './link.js';
import { endOfThread } from './protocol.js';
import type { StorageFacts } from './types.js';

/** Milliseconds in which a worker must end by itself. */
const patience = 1000;

/** Bytes of the machine, or of the container that the process is in. */
export function memoryOfMachine(): number | undefined {
  const constrained = 'constrainedMemory' in process ? process.constrainedMemory() : 0;
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}

/** A worker that its owner must let end; it keeps the process alive only while told so. */
export const startWorker: StartWorker = (url, receive, onEnd) => {
  // The process's own options may be about its main script.
  const worker = new Worker(url ?? new URL('engine-worker.js', import.meta.url), { execArgv: [] });
  worker.on('message', receive);
  worker.on('error', onEnd);
  let exited = false;
  worker.on('exit', (code) => {
    exited = true;
    onEnd(new Error(`it ended with the exit code ${code}`));
  });
  return {
    post: (message, transfer) => {
      worker.postMessage(message, transfer);
    },
    keepAlive: (alive) => {
      if (alive) worker.ref();
      else worker.unref();
    },
    // Not terminated at once: Deno may crash where the process ends meanwhile.
    end: () =>
      new Promise((resolve) => {
        if (exited) {
          resolve();
          return;
        }
        const timer = setTimeout(() => void worker.terminate(), patience);
        worker.once('exit', () => {
          clearTimeout(timer);
          resolve();
        });
        worker.ref();
        worker.postMessage(endOfThread);
      }),
  };
};

export function canStartWorkers(): boolean {
  return true;
}

/** Downloads are kept on disk. */
export function storageFacts(): Promise<StorageFacts> {
  return Promise.resolve({ kind: 'disk' });
}

/** Paths and URLs mean the same in every thread. */
export const absolute = String;

/** A disk is not cleared. */
export function keepStorage(): void {
  return;
}

/** A copy of a Blob in another thread may be of no use: not all of them can be read there. */
export function clonesBlobs(): boolean {
  return false;
}
