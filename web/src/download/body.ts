import { messageOf } from '../errors.js';
import { Transient } from './transient.js';

// Large enough that a call for each costs nothing beside the copying.
const pieceBytes = 2 ** 18;

/**
 * The bytes of a response, in order. Where the engine can it reads into one buffer again and again: pieces that it
 * allocates for each read are garbage that a collection comes too late for, 150 MB of them in Chromium.
 */
export class Body {
  readonly #name: string;
  readonly #stallTimeout: number;
  readonly #bytes: ReadableStreamBYOBReader | undefined;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #buffer = new ArrayBuffer(pieceBytes);
  /** How many of its first bytes nobody wants: a server without Range sends them. */
  #skip: number;

  constructor(response: Response, name: string, skip: number, stallTimeout: number) {
    this.#name = name;
    this.#skip = skip;
    this.#stallTimeout = stallTimeout;
    this.#bytes = response.body ? byteReader(response.body) : undefined;
    this.#reader = this.#bytes ? undefined : response.body?.getReader();
  }

  /** The next bytes, which are valid until the next call; undefined at the end. */
  async next(): Promise<Uint8Array | undefined> {
    for (;;) {
      const piece = await this.#read();
      if (!piece) return undefined;
      const skipped = Math.min(this.#skip, piece.length);
      this.#skip -= skipped;
      if (skipped < piece.length) return piece.subarray(skipped);
    }
  }

  cancel(): void {
    (this.#bytes ?? this.#reader)?.cancel().catch(() => undefined);
  }

  async #read(): Promise<Uint8Array | undefined> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stalled = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Transient(`${this.#name}: nothing came for ${this.#stallTimeout / 1000} s`));
      }, this.#stallTimeout);
    });
    const reading = this.#readAny();
    // Where it loses the race nobody else hears of its end.
    reading.catch(() => undefined);
    try {
      return await Promise.race([reading, stalled]);
    } catch (cause) {
      if (cause instanceof Transient) throw cause;
      throw new Transient(`${this.#name}: the connection broke: ${messageOf(cause)}`, undefined, { cause });
    } finally {
      clearTimeout(timer);
    }
  }

  async #readAny(): Promise<Uint8Array | undefined> {
    if (!this.#bytes) return (await this.#reader?.read())?.value;
    const { value, done } = await this.#bytes.read(new Uint8Array(this.#buffer));
    if (value) this.#buffer = value.buffer;
    return done ? undefined : value;
  }
}

function byteReader(body: ReadableStream<Uint8Array>): ReadableStreamBYOBReader | undefined {
  try {
    return body.getReader({ mode: 'byob' });
  } catch {
    return undefined;
  }
}
