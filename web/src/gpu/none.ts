import { ChordError } from '../errors.js';
import type { GpuHost } from './host.js';

/** The builds without GPU code. */
export function gpuAvailable(): boolean {
  return false;
}

export function openGpu(): Promise<GpuHost> {
  return Promise.reject(
    new ChordError('gpu_unavailable', 'this build of wasm-chord runs on the CPU only: import wasm-chord/webgpu'),
  );
}

export function gpuImports(): WebAssembly.ModuleImports {
  return {};
}
