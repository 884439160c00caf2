import type { Body } from './body.js';
import type { Remote } from './remote.js';
import { Transient } from './transient.js';
import type { Retry } from './transient.js';

// What a reader may have to put by when it pauses.
const mostShown = 2 ** 20;

/**
 * A stretch of a file on its way: requests fill one end of a ring of bytes while a reader empties the other. A
 * connection that breaks is taken up again where it was.
 */
export class Part {
  readonly #remote: Remote;
  readonly #retry: Retry;
  readonly ring: Uint8Array;
  /** Where in the file it ends; undefined: where the file does. */
  readonly #end: number | undefined;
  /** Positions in the file: bytes [#taken, #received) lie in the ring. */
  #received: number;
  #taken: number;
  /** How many of them the reader is looking at. */
  #shown = 0;
  #state: 'filling' | 'complete' | 'stopped' = 'filling';
  #failure: unknown;
  #body: Body | undefined;
  #wake: () => void = () => undefined;

  constructor(remote: Remote, retry: Retry, ring: Uint8Array, start: number, end: number | undefined, body?: Body) {
    this.#remote = remote;
    this.#retry = retry;
    this.ring = ring;
    this.#received = start;
    this.#taken = start;
    this.#end = end;
    this.#body = body;
    this.#fill().then(
      () => {
        this.#settle('complete');
      },
      (error: unknown) => {
        this.#failure = error;
        this.#settle('stopped');
      },
    );
  }

  /** The next bytes, which are valid until the next call; undefined at the part's end. */
  async next(): Promise<Uint8Array | undefined> {
    this.#taken += this.#shown;
    this.#shown = 0;
    this.#wake();
    while (this.#received === this.#taken) {
      if (this.#state === 'complete') return undefined;
      if (this.#state === 'stopped') throw this.#failure;
      await this.#change();
    }
    const at = this.#taken % this.ring.length;
    this.#shown = Math.min(this.#received - this.#taken, this.ring.length - at, mostShown);
    return this.ring.subarray(at, at + this.#shown);
  }

  stop(): void {
    this.#settle('stopped');
    this.#body?.cancel();
  }

  async #fill(): Promise<void> {
    while (this.#state === 'filling' && this.#received !== this.#end) {
      try {
        const body = (this.#body ??= await this.#remote.get(this.#received, this.#end));
        const piece = await body.next();
        if (piece) {
          this.#retry.succeeded();
          await this.#store(piece);
          continue;
        }
        const size = this.#end ?? this.#remote.state.size;
        if (size === undefined || this.#received >= size) return;
        throw new Transient(`${this.#remote.name}: the connection ended at byte ${this.#received} of ${size}`);
      } catch (error) {
        if (this.#isStopped()) return;
        this.#body?.cancel();
        this.#body = undefined;
        await this.#retry.after(error);
      }
    }
    this.#body?.cancel();
  }

  async #store(piece: Uint8Array): Promise<void> {
    const length = this.ring.length;
    let rest = this.#end === undefined ? piece : piece.subarray(0, this.#end - this.#received);
    while (rest.length > 0 && this.#state === 'filling') {
      const at = this.#received % length;
      const count = Math.min(rest.length, length - (this.#received - this.#taken), length - at);
      if (count === 0) {
        await this.#change();
        continue;
      }
      this.ring.set(rest.subarray(0, count), at);
      rest = rest.subarray(count);
      this.#received += count;
      this.#wake();
    }
  }

  #isStopped(): boolean {
    return this.#state === 'stopped';
  }

  #settle(state: 'complete' | 'stopped'): void {
    if (this.#state === 'filling') this.#state = state;
    this.#wake();
  }

  // Only one of the two ends ever waits: a ring is not full and empty at once.
  #change(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }
}
