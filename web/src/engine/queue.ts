import { cancelled } from '../errors.js';

/** Works through one task after the other, in the order in which they came. */
export class Queue {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #onCrowd: (() => void) | undefined;

  /**
   * Resolves to a function that ends the turn, once it has come; rejects with `cancelled` where the signal is aborted
   * before. `onCrowd` is called when, during the turn, somebody waits for the next.
   */
  async turn(signal: AbortSignal | undefined, onCrowd: () => void): Promise<() => void> {
    const before = this.#last;
    let end = (): void => undefined;
    this.#last = new Promise<void>((resolve) => {
      end = resolve;
    });
    this.#waiting += 1;
    this.#onCrowd?.();
    try {
      await untilAborted(before, signal);
    } catch (error) {
      // Those behind wait for the one in front.
      void before.then(end);
      throw error;
    } finally {
      this.#waiting -= 1;
    }
    this.#onCrowd = onCrowd;
    if (this.#waiting > 0) onCrowd();
    return () => {
      this.#onCrowd = undefined;
      end();
    };
  }
}

function untilAborted(promise: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      if (signal) reject(cancelled(signal));
    };
    if (signal?.aborted) {
      abort();
      return;
    }
    signal?.addEventListener('abort', abort);
    void promise.then(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    });
  });
}
