import { openGpu } from '#gpu';
import type { SessionOptions } from './abi/generated.js';
import { ChordError } from './errors.js';
import type { GpuHost } from './gpu/host.js';
import type { GpuOptions } from './gpu/webgpu.js';
import { Core } from './host/core.js';
import { feed } from './host/loading.js';
import type { FeedOptions } from './host/loading.js';
import { Model } from './host/model.js';
import type { Modules } from './host/modules.js';
import init, { compiledModules, modulesFor } from './init.js';
import { openSource } from './sources/open.js';
import type { SourceOptions } from './sources/options.js';
import type { ByteSource, ModelSource } from './sources/source.js';

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
  const modules = await initialized(gpu);
  const open = (): Promise<ByteSource> => openSource(source, { ...options, onProgress: options.onDownload });
  return loadWith(modules, open, options, () => session, gpu);
}

/** As `loadModel`, with modules of one's own. `sessionFor` says what will be opened, once the header is read. */
export async function loadWith(
  modules: Modules,
  open: () => Promise<ByteSource>,
  options: FeedOptions,
  sessionFor: (model: Model) => SessionOptions,
  gpu?: GpuHost,
): Promise<Model> {
  const core = newCore(modules, gpu);
  let damaged = false;
  try {
    const opened = await open();
    try {
      const model = new Model(core, (opened.shards?.[0] ?? opened).size);
      await feed(model, opened, options);
      if (model.info().vocabOnly === 0) {
        const session = sessionFor(model);
        if (!gpu) core.useKernels(await modulesFor(modules, bytesFor(model, session)));
        model.place();
        await feed(model, opened, options);
      }
      await opened.finish?.();
      return model;
    } catch (error) {
      damaged = opened.fromCache === true && isDamage(error);
      if (damaged) await opened.discard?.();
      if (damaged && error instanceof ChordError) passing.add(error);
      throw error;
    } finally {
      await opened.close();
    }
  } catch (error) {
    core.discard();
    // The GPU is given back by now: onDevice() asks for it again.
    if (!damaged || gpu) throw error;
    return loadWith(modules, open, options, sessionFor);
  }
}

/** Errors that come but once, since their cause is gone. */
const passing = new WeakSet<ChordError>();

// What a damaged file in the cache shows itself by. It is removed, and does not come from there a second time.
function isDamage(error: unknown): boolean {
  return error instanceof ChordError && (error.code === 'invalid_gguf' || error.code === 'io');
}

/**
 * Loads on the device that is asked for; on the CPU, too, where it is `auto` and the GPU fails. `load` gets the GPU, if
 * it is to use one, and why it is or is not.
 */
export async function onDevice<T>(
  device: 'auto' | 'cpu' | 'webgpu',
  options: GpuOptions,
  load: (gpu: GpuHost | undefined, reason: string) => Promise<T>,
): Promise<T> {
  if (device === 'cpu') return load(undefined, 'the CPU was asked for');
  const onGpu = async (): Promise<T> => load(await openGpu(options), 'a GPU was asked for');
  try {
    return await onGpu();
  } catch (error) {
    if (!(error instanceof ChordError)) throw error;
    if (passing.has(error)) return onGpu();
    if (device === 'webgpu' || !speaksAgainstGpu(error)) throw error;
    return load(undefined, error.message);
  }
}

// Whether the CPU may still do what failed on the GPU.
function speaksAgainstGpu({ code }: ChordError): boolean {
  return code.startsWith('gpu_') || code === 'out_of_memory' || code.startsWith('unsupported_') || code === 'internal';
}

/** What a model takes beside what `estimate` says: the kernels' own data, the staging area, the stacks of threads. */
export const otherBytes = 32 * 2 ** 20;

function bytesFor(model: Model, session: SessionOptions): number {
  const { weights, kvCache, scratch } = model.estimate(session);
  return Number(weights + kvCache + scratch) + otherBytes;
}

async function initialized(gpu: GpuHost | undefined): Promise<Modules> {
  try {
    await init();
    return compiledModules();
  } catch (error) {
    gpu?.destroy();
    throw error;
  }
}

function newCore(modules: Modules, gpu: GpuHost | undefined): Core {
  try {
    return new Core(modules, undefined, gpu);
  } catch (error) {
    gpu?.destroy();
    throw error;
  }
}
