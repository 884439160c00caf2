import { readFile } from 'node:fs/promises';
import init from '../src/init.js';

const folder = '../build/web-tests/';

/** The modules of test/fake/, in the place of the real ones. */
export async function initFakes(): Promise<void> {
  const [control, kernels] = await Promise.all(['control.wasm', 'kernels.wasm'].map((name) => readFile(folder + name)));
  if (control && kernels) await init({ control: new Uint8Array(control), kernels: new Uint8Array(kernels) });
}

/** A file for them: `size` bytes. */
export function fakeFile(size = 200_000): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  bytes.set(new TextEncoder().encode('FAKEfile').subarray(0, size));
  for (let i = 8; i < size; ++i) bytes[i] = i % 251;
  return bytes;
}
