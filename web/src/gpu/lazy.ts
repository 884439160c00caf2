import { mayHaveGpu } from '#gpu-presence';
import { gpuImportNames } from '../abi/generated.js';
import type { GpuFacts } from '../engine/types.js';
import { ChordError, messageOf } from '../errors.js';
import type { ModelGpu } from '../host/core.js';
import type { MemoryViews } from '../host/memory.js';
import type { GpuHost } from './host.js';
import { noWebGpu } from './navigator.js';
import type { GpuOptions } from './webgpu.js';

// The builds with GPU code, which is loaded when a GPU is asked for.

let refused = false;

/** Whether there may be a GPU: false without the API, or once a request for an adapter has failed. */
export function gpuAvailable(): boolean {
  return !refused && mayHaveGpu();
}

/** A device of this machine's GPU for one model; rejects with the first thing that is missing. */
export async function openGpu(options: GpuOptions = {}): Promise<GpuHost> {
  if (!mayHaveGpu()) throw noWebGpu();
  try {
    const webgpu = await import('./webgpu.js');
    return await webgpu.openGpu(options);
  } catch (error) {
    refused ||= error instanceof ChordError && error.code === 'gpu_no_adapter';
    throw error;
  }
}

/** The adapter that there is, without asking for a device. */
export async function findGpu(): Promise<GpuFacts> {
  try {
    if (!mayHaveGpu()) throw noWebGpu();
    return { available: true, name: await (await import('./webgpu.js')).adapterName(), reason: '' };
  } catch (error) {
    return { available: false, name: '', reason: messageOf(error) };
  }
}

/** What the control module of this build imports for the GPU; a model on the CPU calls none of it. */
export function gpuImports(gpu: ModelGpu | undefined, views: () => MemoryViews): WebAssembly.ModuleImports {
  if (gpu) return { ...gpu.imports(views) };
  return Object.fromEntries(
    gpuImportNames.map((name) => [
      name,
      () => {
        throw new ChordError('gpu_unavailable', 'no GPU was opened for this model');
      },
    ]),
  );
}
