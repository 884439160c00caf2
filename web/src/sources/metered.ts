import type { DownloadProgress } from './options.js';
import type { ByteSource } from './source.js';

// Enough for a smooth bar, and little beside the reading.
const reportEveryMs = 50;
const rateWindowMs = 2000;

/** A source that tells how far it has been read. */
export function metered(source: ByteSource, report: (progress: DownloadProgress) => void): ByteSource {
  const meter = new Meter();
  const files = source.shards ?? [source];
  const loaded = files.map(() => 0);
  const tell = (fileIndex: number): void => {
    const sum = loaded.reduce((total, bytes) => total + bytes);
    report({
      file: files[fileIndex]?.name ?? '',
      fileIndex,
      fileCount: files.length,
      loaded: sum,
      total: source.size,
      bytesPerSecond: meter.rate(sum),
      fromCache: files[fileIndex]?.fromCache === true,
    });
  };
  const reader =
    (index: number): ByteSource['read'] =>
    async (offset, target) => {
      const length = (await files[index]?.read(offset, target)) ?? 0;
      if (length === 0) return 0;
      loaded[index] = offset + length;
      if (meter.due() || loaded[index] === files[index]?.size) tell(index);
      return length;
    };
  const measured = (index: number): ByteSource => ({
    get name() {
      return files[index]?.name;
    },
    get size() {
      return files[index]?.size;
    },
    read: reader(index),
    close: () => undefined,
  });
  return {
    name: source.name,
    get size() {
      return source.size;
    },
    get fromCache() {
      return source.fromCache;
    },
    shards: source.shards?.map((_, index) => measured(index)),
    read: reader(0),
    finish: async () => {
      await source.finish?.();
      for (const [index, { size }] of files.entries()) {
        if (size === undefined || size === loaded[index]) continue;
        loaded[index] = size;
        tell(index);
      }
    },
    discard: () => source.discard?.() ?? Promise.resolve(),
    close: () => source.close(),
  };
}

class Meter {
  #last = -Infinity;
  /** Pairs of time and bytes, oldest first. */
  #samples: { at: number; loaded: number }[] = [{ at: performance.now(), loaded: 0 }];

  due(): boolean {
    const now = performance.now();
    if (now - this.#last < reportEveryMs) return false;
    this.#last = now;
    return true;
  }

  rate(loaded: number): number {
    const now = performance.now();
    this.#samples.push({ at: now, loaded });
    while (this.#samples.length > 2 && now - (this.#samples[1]?.at ?? now) > rateWindowMs) this.#samples.shift();
    const [first] = this.#samples;
    return first && now > first.at ? ((loaded - first.loaded) / (now - first.at)) * 1000 : 0;
  }
}
