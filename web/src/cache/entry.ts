import type { FileState } from '../download/remote.js';
import { ChordError, messageOf } from '../errors.js';
import type { ByteSource } from '../sources/source.js';
import { fromText, toText } from './description.js';
import type { Description } from './description.js';
import { entryName } from './key.js';
import type { Storage, Writer } from './storage.js';

// An entry is complete when it has the one, and begun when it has the other.
const completeFile = 'entry.json';
const partialFile = 'partial.json';

export function dataFile(segment: number): string {
  return segment === 0 ? 'model.gguf' : `model.gguf.${segment}`;
}

/** The files that hold an entry's bytes, and how many these are. */
export async function dataOf(storage: Storage, entry: string): Promise<{ files: string[]; bytes: number }> {
  const files: string[] = [];
  let bytes = 0;
  for (;;) {
    const file = dataFile(files.length);
    const size = await storage.sizeOf(entry, file);
    if (size === undefined) return { files, bytes };
    files.push(file);
    bytes += size;
    // What follows an unfinished one would not be where it belongs.
    if (size !== storage.segmentBytes) return { files, bytes };
  }
}

export async function describe(
  storage: Storage,
  entry: string,
): Promise<{ description: Description; complete: boolean } | undefined> {
  for (const file of [completeFile, partialFile]) {
    const description = fromText(await storage.readText(entry, file));
    if (description && entryName(description.key) === entry) return { description, complete: file === completeFile };
  }
  return undefined;
}

/** A complete entry's bytes; what is damaged counts as none. */
export async function openComplete(
  storage: Storage,
  key: string,
): Promise<{ source: ByteSource; description: Description } | undefined> {
  const entry = entryName(key);
  const found = await describe(storage, entry);
  if (!found?.complete || found.description.key !== key) return undefined;
  const { files, bytes } = await dataOf(storage, entry);
  if (files.length === 0 || bytes !== found.description.size) return undefined;
  return { source: await storage.open(entry, files), description: found.description };
}

/** An entry that is being written, by nobody else. */
export class Claim {
  readonly key: string;
  readonly #storage: Storage;
  readonly #entry: string;
  #release: (() => Promise<void>) | undefined;
  #files: string[] = [];
  #length = 0;
  /** What the entry will come to. */
  #size: number | undefined;
  #writer: Writer | undefined;
  #left = 0;

  private constructor(storage: Storage, key: string, release: () => Promise<void>) {
    this.#storage = storage;
    this.key = key;
    this.#entry = entryName(key);
    this.#release = release;
  }

  /** undefined where somebody else has it. */
  static async take(storage: Storage, key: string): Promise<Claim | undefined> {
    const release = await storage.lock(entryName(key));
    return release && new Claim(storage, key, release);
  }

  /** How many bytes are there. */
  get length(): number {
    return this.#length;
  }

  /** What an earlier download left: the state of the file that it was of. Anything else is removed. */
  async resume(): Promise<FileState | undefined> {
    const found = await describe(this.#storage, this.#entry);
    if (found && !found.complete && found.description.key === this.key) {
      const { files, bytes } = await dataOf(this.#storage, this.#entry);
      if (bytes > 0 && bytes <= (found.description.size ?? Infinity)) {
        this.#files = files;
        this.#length = bytes;
        return found.description;
      }
    }
    await this.reset();
    return undefined;
  }

  /** Those bytes. */
  read(): Promise<ByteSource> {
    return this.#storage.open(this.#entry, this.#files);
  }

  async reset(): Promise<void> {
    // One that has failed cannot be closed.
    await this.#closeWriter().catch(() => undefined);
    await this.#storage.remove(this.#entry);
    this.#files = [];
    this.#length = 0;
  }

  /** Before the first byte. */
  async begin(state: FileState): Promise<void> {
    this.#size = state.size;
    const room = await this.#storage.room();
    if (room !== undefined && this.#wanted > room) throw await this.#noRoom();
    await this.#writing(() => this.#storage.writeText(this.#entry, partialFile, toText(this.#describe(state))));
  }

  async append(bytes: Uint8Array): Promise<void> {
    await this.#writing(async () => {
      for (let rest = bytes; rest.length > 0;) {
        this.#writer ??= await this.#openWriter();
        const count = Math.min(rest.length, this.#left);
        await this.#writer.write(rest.subarray(0, count));
        rest = rest.subarray(count);
        this.#length += count;
        this.#left -= count;
        if (this.#left === 0) await this.#closeWriter();
      }
    });
  }

  /** All bytes are there. */
  async commit(state: FileState, sha256: string | undefined): Promise<void> {
    await this.#writing(async () => {
      await this.#closeWriter();
      const description = { ...this.#describe(state), size: this.#length, sha256 };
      await this.#storage.writeText(this.#entry, completeFile, toText(description));
      await this.#storage.remove(this.#entry, partialFile);
    });
  }

  /** What has been written stays, for the next time. */
  async close(): Promise<void> {
    const release = this.#release;
    this.#release = undefined;
    // What cannot be kept is fetched again.
    await this.#closeWriter().catch(() => undefined);
    await release?.();
  }

  #describe({ size, etag, lastModified }: FileState): Description {
    return { key: this.key, size, etag, lastModified, sha256: undefined, time: Date.now() };
  }

  async #openWriter(): Promise<Writer> {
    const segment = Math.floor(this.#length / this.#storage.segmentBytes);
    const position = this.#length - (segment === 0 ? 0 : segment * this.#storage.segmentBytes);
    this.#left = this.#storage.segmentBytes - position;
    return this.#storage.writer(this.#entry, dataFile(segment), position);
  }

  async #closeWriter(): Promise<void> {
    const writer = this.#writer;
    this.#writer = undefined;
    await writer?.close();
  }

  async #writing(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (cause) {
      if (this.#storage.isFull(cause)) throw await this.#noRoom(cause);
      throw new ChordError('io', `the cache cannot be written: ${messageOf(cause)}; load with cache: false`, { cause });
    }
  }

  /** How many bytes are still to come, as far as that is known. */
  get #wanted(): number {
    return Math.max(0, (this.#size ?? 0) - this.#length);
  }

  async #noRoom(cause?: unknown): Promise<ChordError> {
    const room = await this.#storage.room();
    return new ChordError(
      'quota',
      `the cache wants ${this.#wanted} more bytes for ${this.key}, and ${room ?? 'too few'} are available: make room ` +
        'with cache.delete(), or load with cache: false',
      { cause },
    );
  }
}
