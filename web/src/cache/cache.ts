import { platform } from '#platform';
import { ChordError } from '../errors.js';
import { shardCount, shardName } from '../sources/shard_name.js';
import { dataOf, describe } from './entry.js';
import { cacheKey, entryName } from './key.js';
import type { Storage } from './storage.js';

/** A file in the cache. */
export interface CacheEntry {
  /** Its URL, without what could be a secret. */
  readonly key: string;
  /** What it comes to; undefined where the download was cut off and the server had not told. */
  readonly size: number | undefined;
  /** Bytes that are here: fewer, where the download was cut off. */
  readonly stored: number;
  readonly complete: boolean;
  /** Of the bytes, where they were compared with it. */
  readonly sha256: string | undefined;
  /** When it was written. */
  readonly time: Date;
}

/** The files in the cache, also those that a later load will go on with. */
export async function listCache(folder: string | undefined): Promise<CacheEntry[]> {
  const storage = await platform.openStorage(folder);
  if (!storage) return [];
  const all = await Promise.all((await storage.entries()).map((entry) => entryOf(storage, entry)));
  return all.filter((entry) => entry !== undefined);
}

async function entryOf(storage: Storage, entry: string): Promise<CacheEntry | undefined> {
  const found = await describe(storage, entry);
  if (!found) return undefined;
  const { key, size, sha256, time } = found.description;
  const { bytes } = await dataOf(storage, entry);
  return { key, size, stored: bytes, complete: found.complete, sha256, time: new Date(time) };
}

/** Whether there was such an entry, or one of any file that the name stands for. `busy` where it is being written. */
export async function deleteFromCache(location: string | URL, folder: string | undefined): Promise<boolean> {
  const storage = await platform.openStorage(folder);
  if (!storage) return false;
  const first = new URL(location, platform.baseUrl).href;
  const entries = new Set(await storage.entries());
  let found = false;
  for (let number = 0; number < shardCount(first); ++number) {
    const entry = entryName(cacheKey(shardName(first, number)));
    if (!entries.has(entry)) continue;
    const release = await storage.lock(entry);
    if (!release) throw new ChordError('busy', `${first} is being downloaded: stop that first, or wait`);
    try {
      await storage.remove(entry);
    } finally {
      await release();
    }
    found = true;
  }
  return found;
}
