import { ChordError } from '../errors.js';
import { platform } from '#platform';
import type { SourceOptions } from './options.js';
import { blobSource, bufferSource, customSource } from './source.js';
import type { ByteSource, ModelSource } from './source.js';

/** Opens a model's file for one pass from front to back. What is not used here is not loaded either. */
export async function openSource(source: ModelSource, options: SourceOptions): Promise<ByteSource> {
  const opened = await openAny(source, options);
  if (!options.onProgress) return opened;
  const { metered } = await import('./metered.js');
  return metered(opened, options.onProgress);
}

async function openAny(source: ModelSource, options: SourceOptions): Promise<ByteSource> {
  if (typeof source === 'string' || source instanceof URL) {
    const file = platform.openPath(source);
    return file ?? (await import('./url.js')).openUrl(source, options);
  }
  if (source instanceof Uint8Array || source instanceof ArrayBuffer) return bufferSource(source);
  if (source instanceof Blob) return blobSource(source);
  if (isCustom(source)) return customSource(source);
  throw new ChordError(
    'invalid_argument',
    'a model is loaded from a URL, a path, a Blob, an ArrayBuffer, a Uint8Array or an object with size and read()',
  );
}

// Callers without TypeScript pass anything.
function isCustom(source: unknown): source is ModelSource & { read: unknown } {
  return (
    typeof source === 'object' &&
    source !== null &&
    'read' in source &&
    typeof source.read === 'function' &&
    'size' in source &&
    typeof source.size === 'number'
  );
}
