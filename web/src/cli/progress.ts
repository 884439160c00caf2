import type { WriteStream } from 'node:tty';

export function megabytes(bytes: number): string {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

/** A line at the bottom of a terminal that is written over and over; where there is no terminal, nothing. */
export interface Bar {
  /** `part`: how much is done, 0 to 1. */
  show(text: string, part?: number): void;
  clear(): void;
}

const width = 24;
// More often is no use to anyone who reads it.
const intervalMs = 50;

export function bar(stream: WriteStream): Bar {
  if (!stream.isTTY) return { show: () => undefined, clear: () => undefined };
  let shownAt = 0;
  return {
    show: (text, part) => {
      if (performance.now() - shownAt < intervalMs) return;
      shownAt = performance.now();
      const filled = Math.round(width * (part ?? 0));
      const drawn = part === undefined ? '' : `[${'#'.repeat(filled)}${'.'.repeat(width - filled)}] `;
      stream.write(`\r\x1b[K${(drawn + text).slice(0, stream.columns - 1)}`);
    },
    clear: () => {
      if (shownAt > 0) stream.write('\r\x1b[K');
    },
  };
}
