import type { ByteSource } from '../sources/source.js';
import type { Chunks } from './chunks.js';

/** What an earlier download left in the cache, and then the rest. */
export class Stored implements Chunks {
  readonly #stored: ByteSource;
  readonly #rest: Chunks;
  #piece = new Uint8Array(2 ** 20);
  #position = 0;
  #left: number;

  constructor(stored: ByteSource, length: number, rest: Chunks) {
    this.#stored = stored;
    this.#left = length;
    this.#rest = rest;
  }

  async next(): Promise<Uint8Array | undefined> {
    if (this.#left === 0) return this.#rest.next();
    const wanted = this.#piece.subarray(0, Math.min(this.#piece.length, this.#left));
    const count = await this.#stored.read(this.#position, wanted);
    if (count === 0) throw new Error(`the cache lost ${this.#left} bytes`);
    this.#position += count;
    this.#left -= count;
    return wanted.subarray(0, count);
  }

  pause(): void {
    this.#rest.pause();
  }

  async close(): Promise<void> {
    await this.#stored.close();
    await this.#rest.close();
  }
}
