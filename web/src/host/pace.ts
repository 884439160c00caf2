import { platform } from '#platform';

// Between tokens, since one of a small model takes less than a turn of the event loop.
export const turnMs = 4;

/** Lets the event loop run when the last time was long ago: by default 10 ms. */
export class Pace {
  readonly #ms: number;
  #last = performance.now();

  constructor(ms = 10) {
    this.#ms = ms;
  }

  async keep(): Promise<void> {
    if (performance.now() - this.#last < this.#ms) return;
    await platform.nextTask();
    this.#last = performance.now();
  }
}
