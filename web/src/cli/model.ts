// What the commands that run a model have in common: how it is named, where it runs, and its loading.
import { load } from 'wasm-chord';
import type { DownloadProgress, Engine, EngineOptions, ModelSource } from 'wasm-chord';
import { bar, megabytes } from './progress.js';
import { UsageError, oneOf, wholeNumber } from './usage.js';

export const modelUsage = `MODEL is a path, a URL, or hf:OWNER/REPOSITORY/FILE at Hugging Face (HF_TOKEN in the environment opens private ones).
Of a model in several files it is the first.

  --device auto|cpu|webgpu  where it runs; on the GPU it needs the package webgpu (auto: there if it can, else the CPU)
  --threads N               that compute on the CPU (by the number of processors)
  --kernels NAME            force a kernel variant: simd128, relaxed or relaxed64 (the fastest that the engine supports)
  --context N               tokens of prompt and answer together (the model's, at most 8192, as far as memory goes)
  --kv f16|f32|q8_0         type of the KV cache (f16)
  --cache-folder DIR        where downloads are kept (see wasm-chord cache)
  --no-cache                do not keep what is downloaded
`;

/** For `parse`. */
export const modelOptions = {
  device: { type: 'string', default: 'auto' },
  threads: { type: 'string' },
  kernels: { type: 'string' },
  context: { type: 'string' },
  kv: { type: 'string', default: 'f16' },
  'cache-folder': { type: 'string' },
  'no-cache': { type: 'boolean', default: false },
} as const;

export interface ModelValues {
  readonly device: string;
  readonly threads?: string | undefined;
  readonly kernels?: string | undefined;
  readonly context?: string | undefined;
  readonly kv: string;
  readonly 'cache-folder'?: string | undefined;
  readonly 'no-cache': boolean;
}

const devices = ['auto', 'cpu', 'webgpu'] as const;
const variants = ['simd128', 'relaxed', 'relaxed64'] as const;
const kvTypes = ['f16', 'f32', 'q8_0'] as const;

/** What MODEL on the command line means. */
export function sourceOf(model: string): ModelSource {
  if (!model.startsWith('hf:')) return model;
  const [, repo, file] = /^hf:([^/]+\/[^/]+)\/(.+)$/.exec(model) ?? [];
  if (repo !== undefined && file !== undefined) return { repo, file };
  throw new UsageError(`'${model}' does not name a file; write hf:OWNER/REPOSITORY/FILE.gguf`);
}

/** The token is Hugging Face's, and nobody else's business. */
export function tokenFor(model: string): string | undefined {
  return model.startsWith('hf:') ? process.env['HF_TOKEN'] : undefined;
}

/** The options of `load` that the command line gives. */
export function engineOptions(values: ModelValues): EngineOptions {
  return {
    device: oneOf('device', values.device, devices),
    threads: values.threads === undefined ? undefined : wholeNumber('threads', values.threads, 1),
    variant: values.kernels === undefined ? undefined : oneOf('kernels', values.kernels, variants),
    contextLength: values.context === undefined ? undefined : wholeNumber('context', values.context, 1),
    kvType: oneOf('kv', values.kv, kvTypes),
    cache: values['no-cache'] ? false : 'optional',
    cacheFolder: values['cache-folder'],
  };
}

/** Loads a model, with a bar on a terminal. */
export async function openEngine(model: string, values: ModelValues, signal: AbortSignal): Promise<Engine> {
  const source = sourceOf(model);
  const options = { ...engineOptions(values), token: tokenFor(model) };
  const line = bar(process.stderr);
  try {
    return await load(source, {
      ...options,
      signal,
      onProgress: (progress) => {
        line.show(...described(progress));
      },
      onCompile: (done, total) => {
        line.show(`compiling for the GPU  ${done} of ${total}`, done / total);
      },
    });
  } finally {
    line.clear();
  }
}

function described(progress: DownloadProgress): [string, number?] {
  const { file, fileIndex, fileCount, loaded, total, bytesPerSecond, secondsLeft, stalledMs } = progress;
  const name = fileCount > 1 ? `${file} (${fileIndex + 1} of ${fileCount})` : file;
  const speed = stalledMs > 0 ? `nothing for ${seconds(stalledMs / 1000)}` : `${megabytes(bytesPerSecond)}/s`;
  if (total === undefined) return [`${name}  ${megabytes(loaded)}  ${speed}`];
  const rest = secondsLeft === undefined || stalledMs > 0 ? '' : `  ${seconds(secondsLeft)} left`;
  return [`${name}  ${megabytes(loaded)} of ${megabytes(total)}  ${speed}${rest}`, loaded / total];
}

function seconds(count: number): string {
  const whole = Math.ceil(count);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
