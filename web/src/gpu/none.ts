import { ChordError } from '../errors.js';

/** The builds without GPU code. */
export function gpuAvailable(): boolean {
  return false;
}

export function initGpu(): Promise<void> {
  return Promise.reject(
    new ChordError('gpu_unavailable', 'this build of wasm-chord runs on the CPU only: import wasm-chord/webgpu'),
  );
}
