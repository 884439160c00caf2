import type { SessionOptions } from './abi/generated.js';
import { ChordError } from './errors.js';
import type { GpuHost } from './gpu/host.js';
import { Core } from './host/core.js';
import { feed } from './host/loading.js';
import type { FeedOptions } from './host/loading.js';
import { Model } from './host/model.js';
import init, { compiledModules, modulesFor } from './init.js';
import { openSource } from './sources/open.js';
import type { SourceOptions } from './sources/options.js';
import type { ModelSource } from './sources/source.js';

/** How a file is read, and who is told of it: `onProgress` what has been placed, `onDownload` what has come. */
export interface LoadingOptions extends FeedOptions, Omit<SourceOptions, 'onProgress'> {
  readonly onDownload?: SourceOptions['onProgress'];
}

/**
 * Reads a file once, front to back, and places its weights as they arrive, unless it holds none: on the GPU, or on the
 * CPU where `gpu` is left out. Calls `init()` if nobody has. What was begun, and the GPU, is given back where loading
 * fails.
 */
export async function loadModel(
  source: ModelSource,
  options: LoadingOptions,
  session: SessionOptions,
  gpu?: GpuHost,
): Promise<Model> {
  const core = await newCore(gpu);
  let damaged = false;
  try {
    const opened = await openSource(source, { ...options, onProgress: options.onDownload });
    try {
      const model = new Model(core, opened.size);
      await feed(model, opened, options);
      if (model.info().vocabOnly === 0) {
        if (!gpu) core.useKernels(await modulesFor(bytesFor(model, session)));
        model.place();
        await feed(model, opened, options);
      }
      await opened.finish?.();
      return model;
    } catch (error) {
      damaged = opened.fromCache === true && isDamage(error);
      if (damaged) await opened.discard?.();
      throw error;
    } finally {
      await opened.close();
    }
  } catch (error) {
    core.discard();
    // The GPU is given back by now, and whose it is may ask for it again.
    if (!damaged || gpu) throw error;
    return loadModel(source, options, session);
  }
}

// What a damaged file in the cache shows itself by. It is removed, and does not come from there a second time.
function isDamage(error: unknown): boolean {
  return error instanceof ChordError && (error.code === 'invalid_gguf' || error.code === 'io');
}

// The kernels' own data, the staging area and the stacks of threads.
const otherBytes = 32 * 2 ** 20;

function bytesFor(model: Model, session: SessionOptions): number {
  const { weights, kvCache, scratch } = model.estimate(session);
  return Number(weights + kvCache + scratch) + otherBytes;
}

async function newCore(gpu: GpuHost | undefined): Promise<Core> {
  try {
    await init();
    return new Core(compiledModules(), undefined, gpu);
  } catch (error) {
    gpu?.destroy();
    throw error;
  }
}
