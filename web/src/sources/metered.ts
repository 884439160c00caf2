import type { DownloadProgress } from './options.js';
import type { ByteSource } from './source.js';

// Enough for a smooth bar, and little beside the reading.
const reportEveryMs = 50;
const rateWindowMs = 2000;
// How long silence is no stall, and how often it is told of then.
const silenceMs = 2000;
const stallTickMs = 1000;

/** A source that tells how far it has been read. */
export function metered(source: ByteSource, report: (progress: DownloadProgress) => void): ByteSource {
  const meter = new Meter();
  const files = source.shards ?? [source];
  const loaded = files.map(() => 0);
  const tell = (fileIndex: number, stalledMs = 0): void => {
    const sum = loaded.reduce((total, bytes) => total + bytes);
    const total = source.size;
    const bytesPerSecond = meter.rate(sum);
    report({
      file: files[fileIndex]?.name ?? '',
      fileIndex,
      fileCount: files.length,
      loaded: sum,
      total,
      bytesPerSecond,
      secondsLeft: total === undefined || bytesPerSecond === 0 ? undefined : (total - sum) / bytesPerSecond,
      stalledMs,
      fromCache: files[fileIndex]?.fromCache === true,
    });
  };
  const reader =
    (index: number): ByteSource['read'] =>
    async (offset, target) => {
      const reading = files[index]?.read(offset, target) ?? 0;
      const length =
        typeof reading === 'number'
          ? reading
          : await watched(reading, (ms) => {
              tell(index, ms);
            });
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

/** Waits for bytes; while none come, tells for how long. What `onSilence` throws ends the waiting. */
function watched(reading: Promise<number>, onSilence: (ms: number) => void): Promise<number> {
  const begin = performance.now();
  return new Promise((resolve, reject) => {
    const tell = (): void => {
      timer = setTimeout(tell, stallTickMs);
      try {
        onSilence(performance.now() - begin);
      } catch (error) {
        clearTimeout(timer);
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    };
    let timer = setTimeout(tell, silenceMs);
    reading.then(resolve, reject).finally(() => {
      clearTimeout(timer);
    });
  });
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
