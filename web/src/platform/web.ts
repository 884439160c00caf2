import { ChordError } from '../errors.js';
import { urlSource } from '../sources/url.js';
import type { Platform } from './platform.js';

export const platform: Platform = {
  // Bundlers find the files by these very expressions.
  compileControl: () => compileFetched(new URL('chord.wasm', import.meta.url)),
  compileKernels: () => compileFetched(new URL('kernels-simd128.wasm', import.meta.url)),
  compileFrom: compileFetched,
  openLocation: urlSource,
  nextTask,
};

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
