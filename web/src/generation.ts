import { platform } from '#platform';
import { ChordError, cancelled } from './errors.js';
import type { Session } from './host/session.js';

/** A generation as it goes on, driven by its owner step by step. */
export type Step =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'working' }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'done'; readonly text: string };

/** What a generation needs of the model that it belongs to. */
export interface GenerationOwner {
  /** Places the weights while the event loop runs; gives up when `hasEnded` says so. */
  prepare(hasEnded: () => boolean): Promise<void>;
  /** Starts on the prompt; places the weights if `prepare` did not. */
  start(): Session;
  /** Resolves when what the core waits for has happened. */
  settled(): Promise<void>;
  /** The generation has ended, the model is free for the next. */
  release(): void;
}

/** One run from prompt to end. Its work happens inside `step`, its end is reported once to the owner. */
export class Generation {
  readonly #owner: GenerationOwner;
  readonly #signal: AbortSignal | undefined;
  #session: Session | undefined;
  #failure: ChordError | undefined;
  #ended = false;
  #tokenCount = 0;

  constructor(owner: GenerationOwner, signal?: AbortSignal) {
    this.#owner = owner;
    this.#signal = signal;
  }

  /** Makes the signal stop the generation; it may have been aborted before. */
  listen(): void {
    if (this.#signal?.aborted) this.#abort();
    else this.#signal?.addEventListener('abort', this.#abort);
  }

  get ended(): boolean {
    return this.#ended;
  }

  get tokenCount(): number {
    return this.#tokenCount;
  }

  /** Throws why it failed, if it did. */
  throwFailure(): void {
    if (this.#failure) throw this.#failure;
  }

  /** Works for about `budgetMs`, or until there is some text. */
  step(budgetMs: number): Step {
    try {
      return this.#step(budgetMs);
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  /** The next piece of text, undefined at the end; the event loop runs on meanwhile. */
  async nextText(budgetMs: number): Promise<string | undefined> {
    if (!this.#session && !this.#ended) await this.#prepare();
    for (;;) {
      // Each piece in a task of its own.
      await platform.nextTask();
      this.throwFailure();
      if (this.#ended) return undefined;
      const step = this.step(budgetMs);
      if (step.kind === 'waiting') await this.#owner.settled();
      else if (step.kind !== 'working' && step.text !== '') return step.text;
    }
  }

  /** Stops the work and frees the model for the next. */
  stop(): void {
    if (this.#ended) return;
    try {
      this.#session?.cancel();
    } finally {
      this.#end();
    }
  }

  /** The model is gone: whatever waits, or asks later, fails with `error`. */
  abandon(error: ChordError): void {
    this.#failure = error;
    this.#end();
  }

  #step(budgetMs: number): Step {
    this.#session ??= this.#owner.start();
    const event = this.#session.step(budgetMs);
    switch (event) {
      case 'working':
      case 'waiting':
        return { kind: event };
      case 'token':
        this.#tokenCount += 1;
        return { kind: 'text', text: this.#session.pieceText() };
      case 'done': {
        const text = this.#session.pieceText();
        this.#end();
        return { kind: 'done', text };
      }
      case 'logits':
      case 'filter':
      case 'bytes':
        throw new ChordError('internal', `unexpected event ${event}`);
    }
  }

  readonly #abort = (): void => {
    if (!this.#signal) return;
    this.#failure = cancelled(this.#signal);
    this.stop();
  };

  async #prepare(): Promise<void> {
    try {
      await this.#owner.prepare(() => this.#ended);
    } catch (error) {
      this.throwFailure();
      this.#end();
      throw error;
    }
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#session = undefined;
    this.#signal?.removeEventListener('abort', this.#abort);
    this.#owner.release();
  }
}
