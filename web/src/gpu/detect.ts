import { ChordError } from '../errors.js';

// What of WebGPU is used here.
interface Gpu {
  requestAdapter(): Promise<object | null>;
}

let adapterRefused = false;

/** Whether there may be a GPU: false without the API, or once a request for an adapter has failed. */
export function gpuAvailable(): boolean {
  return gpuOf(globalThis.navigator) !== undefined && !adapterRefused;
}

/** Rejects with the first thing that is missing. */
export async function initGpu(): Promise<void> {
  const gpu = gpuOf(globalThis.navigator);
  if (!gpu) throw new ChordError('gpu_unavailable', 'this engine has no WebGPU (navigator.gpu)');
  if (!(await gpu.requestAdapter())) {
    adapterRefused = true;
    throw new ChordError('gpu_unavailable', 'WebGPU has no adapter to offer');
  }
  throw new ChordError('gpu_unavailable', 'this version of wasm-chord has no GPU kernels: the model stays on the CPU');
}

function gpuOf(navigator: unknown): Gpu | undefined {
  if (typeof navigator !== 'object' || navigator === null || !('gpu' in navigator)) return undefined;
  return isGpu(navigator.gpu) ? navigator.gpu : undefined;
}

function isGpu(gpu: unknown): gpu is Gpu {
  return typeof gpu === 'object' && gpu !== null && 'requestAdapter' in gpu;
}
