import type { DownloadProgress } from './options.js';
import type { ByteSource } from './source.js';

// Enough for a smooth bar, and little beside the reading.
const reportEveryMs = 50;
const rateWindowMs = 2000;

/** A source that tells how far it has been read. */
export function metered(source: ByteSource, report: (progress: DownloadProgress) => void): ByteSource {
  const meter = new Meter();
  let loaded = 0;
  const tell = (): void => {
    report({
      file: source.name ?? '',
      fileIndex: 0,
      fileCount: 1,
      loaded,
      total: source.size,
      bytesPerSecond: meter.rate(loaded),
      fromCache: source.fromCache === true,
    });
  };
  return {
    name: source.name,
    size: source.size,
    read: async (offset, target) => {
      const length = await source.read(offset, target);
      if (length === 0) return 0;
      loaded = offset + length;
      if (meter.due() || loaded === source.size) tell();
      return length;
    },
    finish: async () => {
      await source.finish?.();
      if (source.size === undefined || loaded === source.size) return;
      loaded = source.size;
      tell();
    },
    fromCache: source.fromCache,
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
