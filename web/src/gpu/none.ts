import { ChordError } from '../errors.js';
import type { GpuFacts } from '../engine/types.js';
import type { GpuHost } from './host.js';

export const reason = 'this build of wasm-chord runs on the CPU only: import wasm-chord/webgpu';

/** The builds without GPU code. */
export function gpuAvailable(): boolean {
  return false;
}

export function openGpu(): Promise<GpuHost> {
  return Promise.reject(new ChordError('gpu_unavailable', reason));
}

export function findGpu(): Promise<GpuFacts> {
  return Promise.resolve({ available: false, name: '', reason });
}

export function gpuImports(): WebAssembly.ModuleImports {
  return {};
}
