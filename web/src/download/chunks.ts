import type { FileOptions } from '../sources/options.js';
import type { Body } from './body.js';
import { Part } from './part.js';
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

const partBytes = 8 * 2 ** 20;

// What is read of a file before more of it is asked for at once: a look at a header need not fetch 32 MB.
const warmBytes = 2 ** 20;

/** Fetches a file in one piece, or in ranges of which several are on their way at a time. */
export class Download implements Chunks {
  readonly #remote: Remote;
  readonly #options: FileOptions;
  readonly #signal: AbortSignal;
  readonly #parts: Part[] = [];
  readonly #free: Uint8Array[] = [];
  /** Where the next part begins; undefined when the last one has. */
  #next: number | undefined;
  /** Where the next chunk begins, and how much has been read before it. */
  #position: number;
  #read = 0;

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
      while (this.#next !== undefined && this.#parts.length < this.#width()) this.#begin();
      const [part] = this.#parts;
      if (!part) return undefined;
      const chunk = await part.next();
      if (chunk) {
        this.#read += chunk.length;
        this.#position += chunk.length;
        return chunk;
      }
      this.#parts.shift();
      // One that was made for less is too small for the next.
      if (part.ring.length === partBytes) this.#free.push(part.ring);
    }
  }

  pause(): void {
    if (this.#parts.length === 0) return;
    this.close();
    this.#free.length = 0;
    this.#next = this.#position;
  }

  close(): void {
    for (const part of this.#parts.splice(0)) part.stop();
    this.#next = undefined;
  }

  #width(): number {
    return this.#remote.ranges === true && this.#read >= warmBytes ? (this.#options.connections ?? 4) : 1;
  }

  #begin(body?: Body, end?: number): void {
    const start = this.#next ?? 0;
    const { size } = this.#remote.state;
    const { connections = 4, requestBytes } = this.#options;
    const inParts =
      this.#remote.ranges === true && size !== undefined && (connections > 1 || requestBytes !== undefined);
    const wanted = end ?? (inParts ? start + (requestBytes ?? partBytes) : undefined);
    const stop = wanted === undefined ? undefined : Math.min(wanted, size ?? Infinity);
    this.#next = stop === undefined || stop === size ? undefined : stop;
    if (stop === start) return;
    const ring = this.#free.pop() ?? new Uint8Array(Math.min(partBytes, (stop ?? size ?? Infinity) - start));
    const { retries = 4, retryDelay = 500 } = this.#options;
    const retry = new Retry({ retries, retryDelay }, this.#signal);
    this.#parts.push(new Part(this.#remote, retry, ring, start, stop, body));
  }
}
