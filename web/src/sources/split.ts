import type { FileOptions } from './options.js';
import type { ByteSource } from './source.js';

// Enough for the header of any file of a split model but the first.
const headerBytes = 2 ** 16;

/** Opens the file of a split model with this number. */
export type OpenShard = (number: number, options: FileOptions) => Promise<ByteSource>;

/**
 * The files of a split model. Each is opened when it is needed, and only the one that is being read keeps its
 * connections: the headers of all come first, and there may be more files than a browser opens connections.
 */
export async function openSplit(count: number, open: OpenShard, options: FileOptions): Promise<ByteSource> {
  const opened: (Promise<ByteSource> | undefined)[] = [];
  const shards: ByteSource[] = [];
  let active: ByteSource | undefined;
  const get = (number: number): Promise<ByteSource> =>
    (opened[number] ??= open(number, number === 0 ? options : { ...options, firstBytes: headerBytes }).then(
      (source) => {
        shards[number] = shard(number, source);
        return source;
      },
    ));
  const shard = (number: number, known: ByteSource | undefined): ByteSource => ({
    name: known?.name,
    size: known?.size,
    fromCache: known?.fromCache,
    read: async (offset, target) => {
      const source = await get(number);
      if (active !== source) active?.pause?.();
      active = source;
      return source.read(offset, target);
    },
    close: () => undefined,
  });
  for (let number = 0; number < count; ++number) shards.push(shard(number, undefined));
  const first = await get(0);
  // What could not be opened has said so.
  const all = async (): Promise<ByteSource[]> =>
    (await Promise.allSettled(opened.filter((each) => each !== undefined)))
      .filter((result) => result.status === 'fulfilled')
      .map(({ value }) => value);
  return {
    name: first.name,
    get size() {
      return shards.reduce<number | undefined>(
        (sum, { size }) => (sum === undefined || size === undefined ? undefined : sum + size),
        0,
      );
    },
    shards,
    get fromCache() {
      return shards.some(({ fromCache }) => fromCache === true);
    },
    read: (offset, target) => first.read(offset, target),
    finish: async () => {
      for (const source of await all()) await source.finish?.();
    },
    discard: async () => {
      for (const source of await all()) await source.discard?.();
    },
    close: async () => {
      for (const source of await all()) await source.close();
    },
  };
}
