import { messageOf } from '../errors.js';
import type { Bytes } from './buffers.js';
import { Transient } from './transient.js';

const nothing = new Uint8Array(0);

/**
 * The bytes of a response, in order. Where the engine can it reads straight into what it is given: pieces that it
 * allocates for each read are garbage that a collection comes too late for, 150 MB of them in Chromium.
 */
export class Body {
  readonly #name: string;
  readonly #stallTimeout: number;
  readonly #bytes: ReadableStreamBYOBReader | undefined;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  /** Of the engine's own piece, what has not been asked for. */
  #rest: Uint8Array = nothing;
  /** How many of its first bytes nobody wants: a server without Range sends them. */
  #skip: number;

  constructor(response: Response, name: string, skip: number, stallTimeout: number) {
    this.#name = name;
    this.#skip = skip;
    this.#stallTimeout = stallTimeout;
    this.#bytes = response.body ? byteReader(response.body) : undefined;
    this.#reader = this.#bytes ? undefined : response.body?.getReader();
  }

  /**
   * Puts the next bytes where `room` begins, and resolves to them, or to undefined at the end. The buffer of `room`
   * moves meanwhile: it is that of the bytes afterwards.
   */
  async read(room: Bytes): Promise<Bytes | undefined> {
    const { byteOffset, length } = room;
    for (;;) {
      const came = await this.#read(room);
      if (!came) return undefined;
      const skipped = Math.min(this.#skip, came.length);
      this.#skip -= skipped;
      if (skipped < came.length) return came.copyWithin(0, skipped).subarray(0, came.length - skipped);
      room = new Uint8Array(came.buffer, byteOffset, length);
    }
  }

  cancel(): void {
    (this.#bytes ?? this.#reader)?.cancel().catch(() => undefined);
  }

  async #read(room: Bytes): Promise<Bytes | undefined> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stalled = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Transient(`${this.#name}: nothing came for ${this.#stallTimeout / 1000} s`));
      }, this.#stallTimeout);
    });
    const reading = this.#readAny(room);
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

  async #readAny(room: Bytes): Promise<Bytes | undefined> {
    if (this.#bytes) {
      const { value, done } = await this.#bytes.read(room);
      return done ? undefined : value;
    }
    while (this.#rest.length === 0) {
      const piece = (await this.#reader?.read())?.value;
      if (!piece) return undefined;
      this.#rest = piece;
    }
    const count = Math.min(this.#rest.length, room.length);
    room.set(this.#rest.subarray(0, count));
    this.#rest = this.#rest.subarray(count);
    return room.subarray(0, count);
  }
}

function byteReader(body: ReadableStream<Uint8Array>): ReadableStreamBYOBReader | undefined {
  try {
    return body.getReader({ mode: 'byob' });
  } catch {
    return undefined;
  }
}
