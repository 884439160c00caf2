import type { Generation } from './generation.js';

// Long enough that the calls cost nothing beside the work, short enough that a page stays smooth.
export const stepBudgetMs = 10;

/**
 * The text of a running generation, piece by piece. The work is done as pieces are asked for, a few milliseconds at
 * a time, with the event loop running in between. The model is busy until the stream has ended: by its last piece,
 * by `return()` (which leaving a `for await` calls), by a failure, or by the signal.
 */
export class AsyncTokenStream implements AsyncIterable<string> {
  readonly #generation: Generation;
  #last: Promise<unknown> = Promise.resolve();

  /** `WasmModel.generate_async` makes it. */
  constructor(generation: Generation) {
    this.#generation = generation;
  }

  /**
   * The next piece: whole code points of one token, or of several where one alone has none. Overlapping calls are
   * answered in their order. Rejects where the generation fails, with `cancelled` where the signal stopped it, with
   * `closed` where the model was freed.
   */
  next(): Promise<IteratorResult<string, undefined>> {
    const result = this.#last.then(() => this.#next());
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Stops the work at once. Calls of `next` that still wait are answered with the end. */
  return(): Promise<IteratorResult<string, undefined>> {
    return new Promise((resolve) => {
      this.#generation.stop();
      resolve({ value: undefined, done: true });
    });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The stream itself. */
  get_async_iterator(): this {
    return this;
  }

  /** Whether the generation has ended, for whatever reason. */
  is_complete(): boolean {
    return this.#generation.ended;
  }

  /** Tokens generated so far. */
  token_count(): number {
    return this.#generation.tokenCount;
  }

  async #next(): Promise<IteratorResult<string, undefined>> {
    this.#generation.throwFailure();
    if (this.#generation.ended) return { value: undefined, done: true };
    const value = await this.#generation.nextText(stepBudgetMs);
    return value === undefined ? { value, done: true } : { value, done: false };
  }
}
