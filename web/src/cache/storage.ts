import type { ByteSource } from '../sources/source.js';

/** Writes a file from some position on, in order. */
export interface Writer {
  write(bytes: Uint8Array): void | Promise<void>;
  /** What was written is safe afterwards. */
  close(): void | Promise<void>;
}

/** Where the cache lies: a folder for each entry, in the browser's own file system or on a disk. */
export interface Storage {
  /** A file of an entry is no longer than this; a longer entry has several. */
  readonly segmentBytes: number;
  /** The names of all entries. */
  entries(): Promise<string[]>;
  /** undefined if there is none, as below. */
  readText(entry: string, file: string): Promise<string | undefined>;
  /** Replaces the file; a reader sees all of the new text or none of it. */
  writeText(entry: string, file: string, text: string): Promise<void>;
  /** In bytes. */
  sizeOf(entry: string, file: string): Promise<number | undefined>;
  /** Several files as one. */
  open(entry: string, files: readonly string[]): Promise<ByteSource>;
  /** Goes on with a file at `position`, its end, or begins it. */
  writer(entry: string, file: string, position: number): Promise<Writer>;
  /** Removes one file, or the entry with all of them; that there is none is no error. */
  remove(entry: string, file?: string): Promise<void>;
  /** Makes sure that nobody else writes this entry until the function that comes back is called; undefined: another does. */
  lock(entry: string): Promise<(() => Promise<void>) | undefined>;
  /** The bytes that may still be written, as far as that is known. */
  room(): Promise<number | undefined>;
  /** Whether an error of a writer says that there is no room. */
  isFull(error: unknown): boolean;
}
