import { findGpu } from '#gpu';
import { platform } from '#platform';
import { canStartWorkers, memoryOfMachine, storageFacts } from '#engine-host';
import { chooseThreads, engineFeatures } from '../host/modules.js';
import { availableBytes } from './budget.js';
import type { Capabilities } from './types.js';

/** What `capabilities` does. */
export async function findCapabilities(): Promise<Capabilities> {
  const { simd, relaxedSimd, threads, memory64 } = engineFeatures();
  const sharedMemory = platform.sharesMemory && threads;
  const [gpu, storage] = await Promise.all([findGpu(), storageFacts()]);
  return {
    gpu,
    simd,
    relaxedSimd,
    memory64,
    sharedMemory,
    processors: platform.processors,
    threads: sharedMemory ? chooseThreads(undefined, platform.processors) : 1,
    workers: canStartWorkers(),
    modelBytes: availableBytes(memoryOfMachine(), { wide: relaxedSimd && memory64, gpu: false }),
    storage,
  };
}
