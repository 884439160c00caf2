import { HttpError } from './http_error.js';

// How much the latest request counts in the time that one takes.
const share = 0.25;

/** Lets one request work and so many wait; an engine answers one after the other. */
export class Admission {
  /** How many may wait. */
  readonly limit: number;
  #inside = 0;
  #seconds = 1;

  constructor(limit: number) {
    this.limit = limit;
  }

  get running(): number {
    return Math.min(this.#inside, 1);
  }

  get waiting(): number {
    return this.#inside - this.running;
  }

  /** Gives what ends the request. Throws where too many wait already. */
  enter(): () => void {
    if (this.#inside > this.limit) {
      const after = Math.min(Math.max(Math.ceil(this.#seconds), 1), 60);
      throw new HttpError(
        429,
        'queue_full',
        `${this.waiting} requests wait, and no more may; try again in ${after} s`,
        {
          headers: { 'retry-after': String(after) },
        },
      );
    }
    this.#inside += 1;
    const begin = performance.now();
    return () => {
      this.#inside -= 1;
      this.#seconds += share * ((performance.now() - begin) / 1000 - this.#seconds);
    };
  }
}
