import { ChordError, throwIfAborted } from '../errors.js';

/** A failure that may pass. */
export class Transient extends Error {
  /** Milliseconds that the server wants to be left alone for. */
  readonly retryAfter: number | undefined;

  constructor(message: string, retryAfter?: number, options?: ErrorOptions) {
    super(message, options);
    this.retryAfter = retryAfter;
  }
}

export interface RetryOptions {
  readonly retries: number;
  readonly retryDelay: number;
}

const longestDelay = 30_000;

/** Counts failures in a row, and waits longer after each. */
export class Retry {
  readonly #options: RetryOptions;
  readonly #signal: AbortSignal;
  #failures = 0;

  constructor(options: RetryOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  /** Resolves when it is time to try again; throws what will not pass, or has not for too long. */
  async after(error: unknown, most = this.#options.retries): Promise<void> {
    throwIfAborted(this.#signal);
    if (!(error instanceof Transient)) throw error;
    const retries = Math.min(most, this.#options.retries);
    const { retryDelay } = this.#options;
    if (this.#failures >= retries || (error.retryAfter ?? 0) > longestDelay) {
      const wait = error.retryAfter === undefined ? '' : `; the server asks to wait for ${error.retryAfter / 1000} s`;
      const times = this.#failures === 0 ? '' : `, ${this.#failures + 1} times in a row`;
      throw new ChordError('network', `${error.message}${times}${wait}: try again later`, { cause: error.cause });
    }
    const own = Math.min(retryDelay * 2 ** this.#failures, longestDelay) * (0.5 + Math.random());
    this.#failures++;
    await delay(Math.max(own, error.retryAfter ?? 0), this.#signal);
  }
}

async function delay(milliseconds: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener('abort', end);
  });
  throwIfAborted(signal);
}
