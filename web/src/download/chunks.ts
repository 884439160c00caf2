import type { FileOptions } from '../sources/options.js';
import type { Body } from './body.js';
import { Buffers } from './buffers.js';
import { Part, partBytes } from './part.js';
import type { Remote } from './remote.js';
import { Retry } from './transient.js';

/** The bytes of a file from some position on, in order. */
export interface Chunks {
  /** The next bytes, which are valid until the next call; undefined at the end. */
  next(): Promise<Uint8Array | undefined>;
  /** Closes connections until the next call. */
  pause(): void;
  close(): void | Promise<void>;
}

// What is read of a file before more of it is asked for at once: a look at a header need not fetch 24 MB.
const warmBytes = 2 ** 20;

// What a connection brings in each millisecond that the reader waits for it, but for some of them, if others beside it
// are of no use: they take memory, and where it is the machine that is slow, time.
const quickBytes = 100_000;
const excusedMs = 50;

/** Fetches a file in one piece, and where that is slow in ranges of which several are on their way at a time. */
export class Download implements Chunks {
  readonly #remote: Remote;
  readonly #options: FileOptions;
  readonly #signal: AbortSignal;
  readonly #buffers = new Buffers();
  readonly #parts: Part[] = [];
  /** Where the next part begins; undefined when the last one has. */
  #next: number | undefined;
  /** Where the next chunk begins, how much has been read before it, and how long that was waited for. */
  #position: number;
  #read = 0;
  #waitedMs = 0;

  /** `body`: the answer to a request from `position` on, up to `end` if that is given. */
  constructor(remote: Remote, options: FileOptions, signal: AbortSignal, position: number, body?: Body, end?: number) {
    this.#remote = remote;
    this.#options = options;
    this.#signal = signal;
    this.#next = position;
    this.#position = position;
    if (body) this.#begin(body, end);
  }

  async next(): Promise<Uint8Array | undefined> {
    for (;;) {
      this.#beginAll();
      const [part] = this.#parts;
      if (!part) return undefined;
      const begin = performance.now();
      const chunk = await part.next();
      this.#waitedMs += performance.now() - begin;
      if (chunk) {
        this.#read += chunk.length;
        this.#position += chunk.length;
        return chunk;
      }
      this.#parts.shift();
    }
  }

  pause(): void {
    if (this.#parts.length === 0) return;
    this.close();
    this.#buffers.clear();
    this.#next = this.#position;
  }

  close(): void {
    for (const part of this.#parts.splice(0)) part.stop();
    this.#next = undefined;
  }

  /** Has as many parts on their way as help; one that has come may wait for one before it. */
  #beginAll(): void {
    const most = this.#connections();
    if (most > 1) this.#next ??= this.#parts.at(-1)?.cut(this.#remote.state.size ?? 0);
    while (
      this.#next !== undefined &&
      this.#parts.length <= most &&
      this.#parts.filter(({ isFilling }) => isFilling).length < most
    ) {
      this.#begin();
    }
  }

  /** How many of them there should be. */
  #connections(): number {
    const isSlow = this.#read >= warmBytes && (this.#waitedMs - excusedMs) * quickBytes > this.#read;
    return isSlow && this.#isRanged ? (this.#options.connections ?? 4) : 1;
  }

  get #isRanged(): boolean {
    return this.#remote.ranges === true && this.#remote.state.size !== undefined;
  }

  #begin(body?: Body, end?: number): void {
    const start = this.#next ?? 0;
    const { size } = this.#remote.state;
    const { requestBytes, retries = 4, retryDelay = 500 } = this.#options;
    const bytes = requestBytes ?? (this.#connections() > 1 ? partBytes : undefined);
    const wanted = end ?? (bytes !== undefined && this.#isRanged ? start + bytes : undefined);
    const stop = wanted === undefined ? undefined : Math.min(wanted, size ?? Infinity);
    this.#next = stop === undefined || stop === size ? undefined : stop;
    if (start === size) return;
    const retry = new Retry({ retries, retryDelay }, this.#signal);
    // At once, so that its connection is not idle until the reader comes by.
    const onComplete = (): void => {
      this.#beginAll();
    };
    this.#parts.push(new Part(this.#remote, retry, this.#buffers, start, stop, body, onComplete));
  }
}
