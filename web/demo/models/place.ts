import type { EngineInfo } from 'wasm-chord';

/** Where a model runs: "CPU, 2 threads". */
export function placeOf({ device, threads }: Pick<EngineInfo, 'device' | 'threads'>): string {
  if (device === 'webgpu') return 'GPU';
  return threads === 1 ? 'CPU, 1 thread' : `CPU, ${threads} threads`;
}

/** Bytes that it has, of all purposes. */
export function memoryOf({ memory }: Pick<EngineInfo, 'memory'>): number {
  return memory.weights + memory.kvCache + memory.scratch + memory.control;
}
