import { ChordError } from '../errors.js';

/** The engine's own WebGPU, in pages and workers. */
export function navigatorGpu(): GPU | undefined {
  const navigator: unknown = globalThis.navigator;
  if (typeof navigator !== 'object' || navigator === null || !('gpu' in navigator)) return undefined;
  return isGpu(navigator.gpu) ? navigator.gpu : undefined;
}

/** What keeps a model off the GPU where the engine has no WebGPU. */
export function noWebGpu(): ChordError {
  return new ChordError('gpu_unavailable', 'this engine has no WebGPU (navigator.gpu)');
}

function isGpu(gpu: unknown): gpu is GPU {
  return typeof gpu === 'object' && gpu !== null && 'requestAdapter' in gpu;
}
