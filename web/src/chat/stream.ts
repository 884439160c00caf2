import { invalid } from './messages.js';

/**
 * Chunks of an answer, for one `for await`. The work begins with the loop. Leaving the loop stops it, as does
 * `controller.abort()`, which ends the loop quietly.
 */
export class CompletionStream<Chunk> implements AsyncIterable<Chunk> {
  readonly controller: AbortController;
  readonly #chunks: () => AsyncGenerator<Chunk>;
  readonly #signal: AbortSignal | undefined;
  #consumed = false;

  /** `chunks` works until the controller's signal stops it, which `signal` does, too. */
  constructor(chunks: () => AsyncGenerator<Chunk>, controller: AbortController, signal: AbortSignal | undefined) {
    this.#chunks = chunks;
    this.controller = controller;
    this.#signal = signal;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Chunk> {
    if (this.#consumed) throw invalid('this stream has been read; make another request');
    this.#consumed = true;
    try {
      yield* this.#chunks();
    } catch (error) {
      if (!this.controller.signal.aborted || this.#signal?.aborted) throw error;
    }
  }
}

/** A controller that the signal aborts, too; `release` lets go of the signal. */
export function linked(signal: AbortSignal | undefined): { controller: AbortController; release: () => void } {
  const controller = new AbortController();
  const abort = (): void => {
    controller.abort(signal?.reason);
  };
  if (signal?.aborted) abort();
  else signal?.addEventListener('abort', abort, { once: true });
  return {
    controller,
    release: () => {
      signal?.removeEventListener('abort', abort);
    },
  };
}
