import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { fileSource } from './file_source.js';
import type { Platform } from './platform.js';

export const platform: Platform = {
  compileControl: () => compileFile(new URL('chord.wasm', import.meta.url)),
  compileKernels: (variant, threaded) =>
    compileFile(new URL(`kernels-${variant}${threaded ? '-threads' : ''}.wasm`, import.meta.url)),
  compileFrom: async (location) => {
    const path = pathOf(location);
    return path === undefined ? WebAssembly.compile(await (await fetch(location)).arrayBuffer()) : compileFile(path);
  },
  processors: availableParallelism(),
  sharesMemory: true,
  maySleep: true,
  startWorker: (start, onLost) => {
    // The process's own options may be about its main script.
    const worker = new Worker(new URL('kernels-worker.js', import.meta.url), { execArgv: [] });
    let working = false;
    worker.on('message', () => (working = true));
    // The end follows. One that never began is not missed.
    worker.on('error', () => undefined);
    worker.on('exit', () => {
      if (working) onLost();
    });
    worker.postMessage(start);
    worker.unref();
    return () => {
      working = false;
      void worker.terminate();
    };
  },
  openPath: (location) => {
    const path = pathOf(location);
    return path === undefined ? undefined : fileSource(path);
  },
  openStorage: async (folder) => (await import('../cache/disk.js')).openDisk(folder),
  sha256: async () => {
    const hash = (await import('node:crypto')).createHash('sha256');
    return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest('hex') };
  },
  baseUrl: undefined,
  hasCors: false,
  nextTask: () => new Promise((resolve) => void setImmediate(resolve)),
};

async function compileFile(path: string | URL): Promise<WebAssembly.Module> {
  return WebAssembly.compile(await readFile(path));
}

// "C:\model.gguf" is a path: a scheme has two letters or more.
function pathOf(location: string | URL): string | undefined {
  const text = String(location);
  if (text.startsWith('file:')) return fileURLToPath(text);
  return typeof location === 'string' && !/^[a-z][a-z0-9+.-]+:/i.test(text) ? text : undefined;
}
