import { chatCompletions, completions } from '../chat/api.js';
import type { ChatCompletions, Completions } from '../chat/api.js';
import { ChordError } from '../errors.js';
import type { Engine, GenerateOptions, Generation, Session } from './types.js';

/** What an engine does for a session of its. */
export interface SessionWork {
  generate(prompt: Parameters<Session['generate']>[0], options: GenerateOptions): Generation;
  save(): Promise<Uint8Array<ArrayBuffer>>;
  release(): Promise<void>;
}

/** The caller's side of a session. */
export class LoadedSession implements Session {
  readonly chat: { readonly completions: ChatCompletions };
  readonly completions: Completions;
  readonly #work: SessionWork;
  #released: Promise<void> | undefined;

  constructor(engine: Engine, work: SessionWork) {
    this.#work = work;
    const own = {
      generate: (prompt: Parameters<Session['generate']>[0], options?: GenerateOptions) =>
        this.generate(prompt, options),
      applyChatTemplate: engine.applyChatTemplate.bind(engine),
      tokenize: engine.tokenize.bind(engine),
      detokenize: engine.detokenize.bind(engine),
      get info() {
        return engine.info;
      },
    };
    this.chat = { completions: chatCompletions(own) };
    this.completions = completions(own);
  }

  generate(prompt: Parameters<Session['generate']>[0], options: GenerateOptions = {}): Generation {
    this.#requireOpen();
    return this.#work.generate(prompt, options);
  }

  async save(): Promise<Uint8Array<ArrayBuffer>> {
    this.#requireOpen();
    return this.#work.save();
  }

  dispose(): Promise<void> {
    this.#released ??= this.#work.release();
    return this.#released;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  #requireOpen(): void {
    if (this.#released) throw new ChordError('closed', 'the session was disposed: make another with engine.session()');
  }
}
