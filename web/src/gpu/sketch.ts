import { mayHaveGpu } from '#gpu-presence';
import type { EngineOptions } from '../engine/types.js';
import { messageOf } from '../errors.js';
import type { ModelGpu } from '../host/core.js';
import { noWebGpu } from './navigator.js';
import type { GpuOptions } from './webgpu.js';

const nothing = (): number => 0;

/** This machine's GPU for a model that is not to run but to be planned, or why there is none. */
export async function sketchGpu(options: EngineOptions): Promise<{ gpu?: ModelGpu; reason: string }> {
  if (options.device === 'cpu') return { reason: 'the CPU was asked for' };
  try {
    return { gpu: await sketch(options), reason: '' };
  } catch (error) {
    return { reason: messageOf(error) };
  }
}

// It has the adapter's limits, takes every buffer and pipeline, and makes none. Rejects as `openGpu` does before it asks
// for a device.
async function sketch(options: GpuOptions): Promise<ModelGpu> {
  if (!mayHaveGpu()) throw noWebGpu();
  const { findAdapter, writeLimits } = await import('./webgpu.js');
  const { adapter, traits } = await findAdapter(options);
  return {
    imports: (views) => ({
      gpu_limits: (limits) => {
        writeLimits(views().data, limits >>> 0, adapter.limits, traits);
      },
      gpu_buffer: nothing,
      gpu_release: nothing,
      gpu_write: nothing,
      gpu_pipeline: nothing,
      gpu_group: nothing,
      gpu_release_group: nothing,
      gpu_submit: nothing,
      gpu_poll: nothing,
      gpu_drop: nothing,
    }),
    settled: () => Promise.resolve(),
    destroy: nothing,
  };
}
