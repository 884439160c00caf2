import { ChordError, cancelled } from '../errors.js';
import type { Outcome } from './protocol.js';
import type { Generation, GenerationResult, Piece } from './types.js';

/** How a run ended, and how long it waited for its turn. */
export interface Ended {
  readonly outcome: Outcome;
  readonly queuedMs: number;
}

/**
 * Runs when its turn comes. `onBegin` gets what tells it that so many more pieces are wanted. Aborting the signal ends
 * it, or takes it out of the queue.
 */
export type StartRun = (
  signal: AbortSignal,
  onBegin: (grant: (pieces: number) => void) => void,
  onPiece: (piece: Piece) => void,
) => Promise<Ended>;

// How far the engine works ahead of whoever reads: enough to outlast a page's busy moments, and little to throw away.
const ahead = 16;
const unlimited = 2 ** 31;

const nothing: Ended = {
  outcome: {
    finishReason: 'cancelled',
    usage: { promptTokens: 0, completionTokens: 0, reusedTokens: 0 },
    timings: { firstTokenMs: 0, prefillTokensPerSecond: 0, decodeTokensPerSecond: 0 },
  },
  queuedMs: 0,
};

/** What `Engine.generate` gives. */
export class PieceStream implements Generation {
  readonly #start: StartRun;
  readonly #signal: AbortSignal | undefined;
  readonly #stop = new AbortController();
  readonly #pieces: Piece[] = [];
  #text = '';
  /** Pieces that the engine has not been told of. */
  #wanted = ahead;
  #grant: ((pieces: number) => void) | undefined;
  #result: Promise<GenerationResult> | undefined;
  #ended = false;
  #left = false;
  #wake: (() => void) | undefined;

  constructor(start: StartRun, signal: AbortSignal | undefined) {
    this.#start = start;
    this.#signal = signal;
  }

  get result(): Promise<GenerationResult> {
    this.hurry();
    return this.#begun();
  }

  async text(): Promise<string> {
    return (await this.result).text;
  }

  /** The work need not wait for whoever reads the pieces. */
  hurry(): void {
    this.#want(unlimited);
  }

  [Symbol.asyncIterator](): AsyncIterator<Piece, undefined> {
    let last: Promise<unknown> = Promise.resolve();
    return {
      // Overlapping calls are answered in their order.
      next: () => {
        const next = last.then(() => this.#next());
        last = next.catch(() => undefined);
        return next;
      },
      return: () => {
        this.#leave();
        return Promise.resolve({ value: undefined, done: true });
      },
    };
  }

  async #next(): Promise<IteratorResult<Piece, undefined>> {
    const result = this.#begun();
    for (;;) {
      if (this.#signal?.aborted) throw cancelled(this.#signal);
      if (this.#left) return { value: undefined, done: true };
      const value = this.#pieces.shift();
      if (value) {
        this.#want(1);
        return { value, done: false };
      }
      if (this.#ended) {
        await result;
        return { value: undefined, done: true };
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #begun(): Promise<GenerationResult> {
    if (!this.#result) {
      this.#result = this.#work();
      // Whoever reads the pieces hears of a failure there.
      this.#result.catch(() => undefined);
    }
    return this.#result;
  }

  async #work(): Promise<GenerationResult> {
    try {
      const { outcome, queuedMs } = await this.#untilAborted(this.#run());
      return { text: this.#text, ...outcome, timings: { queuedMs, ...outcome.timings } };
    } finally {
      this.#ended = true;
      this.#wake?.();
    }
  }

  async #run(): Promise<Ended> {
    try {
      return await this.#start(
        this.#stop.signal,
        (grant) => {
          this.#grant = grant;
          this.#want(0);
        },
        (piece) => {
          this.#text += piece.text;
          this.#pieces.push(piece);
          this.#wake?.();
        },
      );
    } catch (error) {
      // Left before it had begun.
      if (this.#left && error instanceof ChordError && error.code === 'cancelled') return nothing;
      throw error;
    }
  }

  // An abort rejects at once; the engine hears of it meanwhile.
  #untilAborted<Result>(work: Promise<Result>): Promise<Result> {
    const signal = this.#signal;
    if (!signal) return work;
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        this.#stop.abort(signal.reason);
        reject(cancelled(signal));
      };
      if (signal.aborted) abort();
      else signal.addEventListener('abort', abort);
      work.then(resolve, reject).finally(() => {
        signal.removeEventListener('abort', abort);
      });
    });
  }

  #leave(): void {
    this.#left = true;
    this.#result ??= Promise.resolve({
      text: '',
      ...nothing.outcome,
      timings: { queuedMs: 0, ...nothing.outcome.timings },
    });
    this.#stop.abort();
    this.#wake?.();
  }

  #want(pieces: number): void {
    this.#wanted += pieces;
    // Not a message for each piece.
    if (!this.#grant || this.#wanted < ahead / 2) return;
    this.#grant(this.#wanted);
    this.#wanted = 0;
  }
}
