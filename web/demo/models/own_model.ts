import type { ChatCompletionChunk, ChatCompletionCreateParamsStreaming, Engine, Session } from 'wasm-chord';
import { placeOf } from './place.js';
import type { Talker } from './talker.js';
import { states } from '../conversations/states.js';

/** A model in this page. */
export class OwnModel implements Talker {
  readonly engine: Engine;
  readonly #bytesPerToken: number;
  #keeping: Promise<unknown> = Promise.resolve();
  /** The conversation that was answered in last. */
  #last: { readonly conversation: string; readonly session: Session } | undefined;

  constructor(engine: Engine) {
    this.engine = engine;
    // There is one conversation yet.
    const { memory, contextLength } = engine.info;
    this.#bytesPerToken = memory.kvCache / contextLength;
  }

  get name(): string {
    return this.engine.info.name;
  }

  get place(): string {
    return placeOf(this.engine.info);
  }

  get architecture(): string {
    return this.engine.info.architecture;
  }

  get quantization(): string {
    return this.engine.info.quantization;
  }

  get parameters(): number {
    return this.engine.info.parameters;
  }

  get contextLength(): number {
    return this.engine.info.contextLength;
  }

  async *answer(
    conversation: string,
    params: ChatCompletionCreateParamsStreaming,
    signal: AbortSignal,
  ): AsyncGenerator<ChatCompletionChunk> {
    const session = await this.#sessionOf(conversation);
    const stream = await session.chat.completions.create(params);
    const stop = (): void => {
      stream.controller.abort();
    };
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    try {
      yield* stream;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  keep(conversation: string, tokens: number): void {
    if (this.#last?.conversation !== conversation) return;
    this.#keeping = states.keep(this.#last.session, conversation, tokens * this.#bytesPerToken);
  }

  async dispose(): Promise<void> {
    await this.engine.dispose();
  }

  async #sessionOf(conversation: string): Promise<Session> {
    if (this.#last?.conversation === conversation) return this.#last.session;
    const before = this.#last;
    this.#last = undefined;
    await this.#keeping;
    await before?.session.dispose();
    const session = (await states.restore(this.engine, conversation)) ?? this.engine.session();
    this.#last = { conversation, session };
    return session;
  }
}
