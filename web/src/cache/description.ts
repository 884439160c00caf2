import type { FileState } from '../download/remote.js';

/** What is written beside an entry's bytes. */
export interface Description extends FileState {
  readonly key: string;
  /** That the bytes were found to have. */
  readonly sha256: string | undefined;
  /** When it was written, in milliseconds since 1970. */
  readonly time: number;
}

export function toText(description: Description): string {
  return `${JSON.stringify(description, undefined, 1)}\n`;
}

/** undefined where the text is not what `toText` makes: the entry is damaged. */
export function fromText(text: string | undefined): Description | undefined {
  const value = parse(text);
  if (typeof value !== 'object' || value === null) return undefined;
  const { key, time, size, etag, lastModified, sha256 }: Partial<Record<string, unknown>> = { ...value };
  if (typeof key !== 'string' || typeof time !== 'number') return undefined;
  return {
    key,
    time,
    size: typeof size === 'number' ? size : undefined,
    etag: stringOf(etag),
    lastModified: stringOf(lastModified),
    sha256: stringOf(sha256),
  };
}

function parse(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}

function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
