import { invalid } from './messages.js';

/**
 * Chunks of an answer, for one `for await`. The work begins with the loop. Leaving the loop stops it, as does
 * `controller.abort()`, which ends the loop quietly.
 */
export class CompletionStream<Chunk> implements AsyncIterable<Chunk> {
  readonly controller = new AbortController();
  readonly #chunks: (signal: AbortSignal) => AsyncGenerator<Chunk>;
  readonly #signal: AbortSignal | undefined;
  #consumed = false;

  /** `chunks` works until its signal stops it, which is the controller's, and aborted by `signal`, too. */
  constructor(chunks: (signal: AbortSignal) => AsyncGenerator<Chunk>, signal: AbortSignal | undefined) {
    this.#chunks = chunks;
    this.#signal = signal;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Chunk> {
    if (this.#consumed) throw invalid('this stream has been read; make another request');
    this.#consumed = true;
    const release = follow(this.controller, this.#signal);
    let ended = false;
    try {
      yield* this.#chunks(this.controller.signal);
      ended = true;
    } catch (error) {
      if (!this.controller.signal.aborted || this.#signal?.aborted) throw error;
    } finally {
      release();
      // Answers that are to come, too, have no reader any more.
      if (!ended) this.controller.abort();
    }
  }
}

/** Lets the signal abort the controller, too, until what it gives is called. */
function follow(controller: AbortController, signal: AbortSignal | undefined): () => void {
  const abort = (): void => {
    controller.abort(signal?.reason);
  };
  if (signal?.aborted) abort();
  else signal?.addEventListener('abort', abort, { once: true });
  return () => {
    signal?.removeEventListener('abort', abort);
  };
}
