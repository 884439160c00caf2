import type { Body } from './body.js';
import { bufferBytes } from './buffers.js';
import type { Buffers, Bytes } from './buffers.js';
import type { Remote } from './remote.js';
import { Transient } from './transient.js';
import type { Retry } from './transient.js';

/** How long a part is where several are on their way, and how much of one may wait for its reader. */
export const partBytes = 6 * 2 ** 20;

/**
 * A stretch of a file on its way: requests fill buffers while a reader empties others. A connection that breaks is
 * taken up again where it was.
 */
export class Part {
  readonly #remote: Remote;
  readonly #retry: Retry;
  readonly #buffers: Buffers;
  readonly #start: number;
  /** Where in the file it ends; undefined: where the file does. */
  #end: number | undefined;
  /** How far in the file it has come. */
  #received: number;
  /** What the reader has not asked for yet, each in a buffer of its own. */
  readonly #ready: Bytes[] = [];
  #shown: Bytes | undefined;
  /** What has come in small pieces behind that, and the buffer that it is the beginning of. */
  #begun: Bytes | undefined;
  #filled = 0;
  /** What the next read goes to. */
  #spare: Bytes | undefined;
  #state: 'filling' | 'complete' | 'stopped' = 'filling';
  #failure: unknown;
  #body: Body | undefined;
  /** Whether the reader waits. */
  #wanted = false;
  #wake: () => void = () => undefined;

  /** `onComplete`: all of it has come. */
  constructor(
    remote: Remote,
    retry: Retry,
    buffers: Buffers,
    start: number,
    end: number | undefined,
    body: Body | undefined,
    onComplete: () => void,
  ) {
    this.#remote = remote;
    this.#retry = retry;
    this.#buffers = buffers;
    this.#start = start;
    this.#received = start;
    this.#end = end;
    this.#body = body;
    this.#fill().then(
      () => {
        if (this.#isStopped()) return;
        this.#settle('complete');
        onComplete();
      },
      (error: unknown) => {
        this.#failure = error;
        this.#settle('stopped');
      },
    );
  }

  /** Whether bytes are still to come. */
  get isFilling(): boolean {
    return this.#state === 'filling';
  }

  /**
   * Ends one that goes on to the end of the file, which has `size` bytes, earlier: where. Undefined where less than
   * another part would be left.
   */
  cut(size: number): number | undefined {
    const parts = Math.floor((this.#received - this.#start) / partBytes) + 1;
    const end = this.#start + parts * partBytes;
    if (this.#end !== undefined || end + partBytes > size) return undefined;
    this.#end = end;
    return end;
  }

  /** The next bytes, which are valid until the next call; undefined at the part's end. */
  async next(): Promise<Bytes | undefined> {
    if (this.#shown) this.#buffers.give(this.#shown);
    this.#wake();
    for (;;) {
      if (this.#ready.length === 0) this.#show();
      this.#shown = this.#ready.shift();
      if (this.#shown) return this.#shown;
      if (this.#state === 'complete') return undefined;
      if (this.#state === 'stopped') throw this.#failure;
      this.#wanted = true;
      await this.#change();
      this.#wanted = false;
    }
  }

  stop(): void {
    this.#settle('stopped');
    this.#body?.cancel();
  }

  async #fill(): Promise<void> {
    while (this.#state === 'filling' && this.#received !== this.#end) {
      try {
        const body = (this.#body ??= await this.#remote.get(this.#received, this.#end));
        while (this.#isFull()) await this.#change();
        const came = await body.read(this.#room());
        if (came) {
          this.#retry.succeeded();
          this.#store(came);
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

  #isFull(): boolean {
    return this.#state === 'filling' && this.#ready.length * bufferBytes >= partBytes;
  }

  /** Where the next bytes go: to a buffer of their own, since one that breaks off takes its buffer with it. */
  #room(): Bytes {
    const room = this.#spare ?? this.#buffers.take();
    this.#spare = undefined;
    return room.subarray(0, Math.min(room.length, (this.#end ?? Infinity) - this.#received));
  }

  #store(came: Bytes): void {
    const bytes = came.subarray(0, (this.#end ?? Infinity) - this.#received);
    this.#received += bytes.length;
    if (this.#wanted || bytes.length === bufferBytes) {
      this.#show();
      this.#ready.push(bytes);
      this.#wake();
      return;
    }
    for (let rest = bytes; rest.length > 0;) {
      this.#begun ??= this.#buffers.take();
      const count = Math.min(rest.length, bufferBytes - this.#filled);
      this.#begun.set(rest.subarray(0, count), this.#filled);
      this.#filled += count;
      rest = rest.subarray(count);
      if (this.#filled === bufferBytes) this.#show();
    }
    this.#spare = new Uint8Array(came.buffer);
  }

  /** Makes what has come in small pieces ready. */
  #show(): void {
    if (!this.#begun) return;
    this.#ready.push(this.#begun.subarray(0, this.#filled));
    this.#begun = undefined;
    this.#filled = 0;
  }

  #isStopped(): boolean {
    return this.#state === 'stopped';
  }

  #settle(state: 'complete' | 'stopped'): void {
    if (this.#state === 'filling') this.#state = state;
    this.#wake();
  }

  // Only one of the two ends ever waits for the other: what is ready is not both too much and nothing.
  #change(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }
}
