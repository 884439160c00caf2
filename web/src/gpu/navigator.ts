/** The engine's own WebGPU, in pages and workers. */
export function navigatorGpu(): GPU | undefined {
  const navigator: unknown = globalThis.navigator;
  if (typeof navigator !== 'object' || navigator === null || !('gpu' in navigator)) return undefined;
  return isGpu(navigator.gpu) ? navigator.gpu : undefined;
}

function isGpu(gpu: unknown): gpu is GPU {
  return typeof gpu === 'object' && gpu !== null && 'requestAdapter' in gpu;
}
