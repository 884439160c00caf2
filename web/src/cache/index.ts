import type { CacheEntry } from './cache.js';

/**
 * The models that were loaded with `cache`: in a browser in the origin's private file system, in Node, Bun and Deno on
 * disk. Each takes the folder, where it is not the default one.
 */
export const cache = {
  /** The files in the cache, complete or not. */
  async list(folder?: string): Promise<CacheEntry[]> {
    return (await import('./cache.js')).listCache(folder);
  },
  /** Forgets the file of a URL, or of an entry's `key`; false if there was none, `busy` while it is being written. */
  async delete(location: string | URL, folder?: string): Promise<boolean> {
    return (await import('./cache.js')).deleteFromCache(location, folder);
  },
  /** The bytes of all files together. */
  async size(folder?: string): Promise<number> {
    return (await this.list(folder)).reduce((sum, { stored }) => sum + stored, 0);
  },
};
