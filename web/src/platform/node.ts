import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { fileSource } from './file_source.js';
import type { Platform } from './platform.js';

export const platform: Platform = {
  compileControl: (assets) => compileBeside('chord.wasm', assets),
  compileKernels: (variant, threaded, assets) =>
    compileBeside(`kernels-${variant}${threaded ? '-threads' : ''}.wasm`, assets),
  compileFrom,
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
  openStorage: async (folder, kind) => (await import('../cache/disk.js')).openDisk(folder, kind),
  sha256: async () => {
    const hash = (await import('node:crypto')).createHash('sha256');
    return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest('hex') };
  },
  baseUrl: undefined,
  hasCors: false,
  nextTask: () => new Promise((resolve) => void setImmediate(resolve)),
};

function compileBeside(name: string, assets: string | URL | undefined): Promise<WebAssembly.Module> {
  return assets === undefined
    ? compileFile(new URL(name, import.meta.url))
    : compileFrom(`${String(assets).replace(/\/$/, '')}/${name}`);
}

async function compileFrom(location: string | URL): Promise<WebAssembly.Module> {
  const path = pathOf(location);
  return path === undefined ? WebAssembly.compile(await (await fetch(location)).arrayBuffer()) : compileFile(path);
}

async function compileFile(path: string | URL): Promise<WebAssembly.Module> {
  return WebAssembly.compile(await readFile(path));
}

// "C:\model.gguf" is a path: a scheme has two letters or more.
function pathOf(location: string | URL): string | undefined {
  const text = String(location);
  if (text.startsWith('file:')) return fileURLToPath(text);
  return typeof location === 'string' && !/^[a-z][a-z0-9+.-]+:/i.test(text) ? text : undefined;
}
