import { ChordError } from '../errors.js';
import { platform } from '#platform';
import type { FileOptions, SourceOptions } from './options.js';
import { shardCount, shardName } from './shard_name.js';
import { blobSource, bufferSource, customSource } from './source.js';
import type { ByteSource, CustomSource, FileSource, HuggingFaceSource, ModelSource } from './source.js';

type OpenOptions = SourceOptions & Pick<FileOptions, 'requestBytes'>;

/** Opens a model's files for one pass from front to back. What is not used here is not loaded either. */
export async function openSource(source: ModelSource, options: OpenOptions): Promise<ByteSource> {
  const { onProgress } = options;
  const opened = await openAll(source, options);
  return onProgress ? (await import('./metered.js')).metered(opened, onProgress) : opened;
}

async function openAll(source: ModelSource, { sha256, ...options }: OpenOptions): Promise<ByteSource> {
  const hashes = typeof sha256 === 'string' ? [sha256] : sha256;
  const files: readonly FileSource[] = isList(source) ? source : [source];
  const [first] = files;
  const count = files.length === 1 ? shardCount(nameOf(first)) : files.length;
  if (count === 1) return openFile(first, { ...options, sha256: hashes?.[0] });
  const { openSplit } = await import('./split.js');
  const fileOf = (number: number): unknown => {
    if (files.length > 1) return files[number];
    const rename = (name: string): string => shardName(name, number);
    if (isRepository(first)) return { ...first, file: rename(first.file) };
    if (first instanceof URL) return new URL(rename(first.href));
    return typeof first === 'string' ? rename(first) : first;
  };
  return openSplit(count, (number, more) => openFile(fileOf(number), { ...more, sha256: hashes?.[number] }), options);
}

async function openFile(source: unknown, options: FileOptions): Promise<ByteSource> {
  if (typeof source === 'string' || source instanceof URL) {
    const file = platform.openPath(source);
    return file ?? (await import('./url.js')).openUrl(source, options);
  }
  if (source instanceof Uint8Array || source instanceof ArrayBuffer) return bufferSource(source);
  if (source instanceof Blob) return blobSource(source);
  if (isRepository(source)) return (await import('./hugging_face.js')).openRepository(source, options);
  if (isCustom(source)) return customSource(source);
  throw new ChordError(
    'invalid_argument',
    'a model is loaded from a URL, a path, a Blob, an ArrayBuffer, a Uint8Array, { repo, file } or an object with size ' +
      'and read(), or from an array of these',
  );
}

function nameOf(source: unknown): string {
  if (isRepository(source)) return source.file;
  return typeof source === 'string' || source instanceof URL ? String(source) : '';
}

// Callers without TypeScript pass anything.
export function isList(source: ModelSource): source is readonly FileSource[] {
  return Array.isArray(source);
}

export function isRepository(source: unknown): source is HuggingFaceSource {
  return (
    typeof source === 'object' &&
    source !== null &&
    'repo' in source &&
    typeof source.repo === 'string' &&
    'file' in source &&
    typeof source.file === 'string'
  );
}

function isCustom(source: unknown): source is CustomSource {
  return (
    typeof source === 'object' &&
    source !== null &&
    'read' in source &&
    typeof source.read === 'function' &&
    'size' in source &&
    typeof source.size === 'number'
  );
}
