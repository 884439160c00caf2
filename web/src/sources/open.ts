import { ChordError } from '../errors.js';
import { platform } from '#platform';
import { blobSource, bufferSource, customSource } from './source.js';
import type { ByteSource, ModelSource } from './source.js';

export async function openSource(source: ModelSource, signal: AbortSignal | undefined): Promise<ByteSource> {
  if (typeof source === 'string' || source instanceof URL) return platform.openLocation(source, signal);
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
