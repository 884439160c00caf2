import { platform } from '#platform';
import { Claim, openComplete } from '../cache/entry.js';
import { cacheKey } from '../cache/key.js';
import type { Storage } from '../cache/storage.js';
import { ChordError, messageOf } from '../errors.js';
import type { FileOptions } from '../sources/options.js';
import type { ByteSource } from '../sources/source.js';
import { UrlSource, fileName } from './url_source.js';

const pieceBytes = 2 ** 20;

/** A file behind a URL, from the cache if it is there; else it is downloaded, and written to the cache on the way. */
export async function openRemote(url: URL, options: FileOptions): Promise<ByteSource> {
  const storage =
    options.cache === undefined || options.cache === false
      ? undefined
      : await platform.openStorage(options.cacheFolder);
  if (!storage) return UrlSource.open(url, options);
  const key = cacheKey(url);
  const found = await openCached(storage, key, options);
  if (found) return found;
  const claim = await Claim.take(storage, key);
  // Somebody else is downloading it right now; two of them are no reason to wait for each other.
  if (!claim) return UrlSource.open(url, options);
  try {
    const meanwhile = await openCached(storage, key, options);
    if (!meanwhile) return await UrlSource.open(url, options, claim);
    await claim.close();
    return meanwhile;
  } catch (error) {
    await claim.close();
    throw error;
  }
}

/** undefined where there is none, or what is there is damaged or not what is wanted. */
async function openCached(storage: Storage, key: string, options: FileOptions): Promise<ByteSource | undefined> {
  const found = await openComplete(storage, key);
  if (!found) return undefined;
  const { source, description } = found;
  const expected = options.sha256?.toLowerCase() ?? description.sha256;
  const isWanted =
    expected === undefined ||
    (options.verify !== true && expected === description.sha256) ||
    expected === (await hashOf(source, options.signal));
  if (!isWanted) {
    await source.close();
    await forget(storage, key);
    return undefined;
  }
  return {
    name: fileName(key),
    size: source.size,
    fromCache: true,
    read: async (offset, target) => {
      try {
        return await source.read(offset, target);
      } catch (cause) {
        throw new ChordError('io', `${key} cannot be read from the cache: ${messageOf(cause)}`, { cause });
      }
    },
    discard: () => forget(storage, key),
    close: () => source.close(),
  };
}

async function forget(storage: Storage, key: string): Promise<void> {
  const claim = await Claim.take(storage, key);
  await claim?.reset();
  await claim?.close();
}

async function hashOf(source: ByteSource, signal: AbortSignal | undefined): Promise<string> {
  const hasher = await platform.sha256();
  const piece = new Uint8Array(pieceBytes);
  for (let at = 0; ;) {
    signal?.throwIfAborted();
    const count = await source.read(at, piece);
    if (count === 0) return hasher.digest();
    hasher.update(piece.subarray(0, count));
    at += count;
  }
}
