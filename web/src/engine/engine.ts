import { chatCompletions, completions } from '../chat/api.js';
import type { ChatCompletions, Completions } from '../chat/api.js';
import { embeddings } from '../chat/embeddings_api.js';
import type { Embeddings } from '../chat/embeddings_api.js';
import { ChordError, throwIfAborted } from '../errors.js';
import type { Client } from './client.js';
import { embedSettings, embedTexts } from './embed_options.js';
import type { EmbedOptions, Embedded } from './embed_options.js';
import type { FromEngine, ModelFacts, Outcome } from './protocol.js';
import { Processing } from './processing.js';
import { Queue } from './queue.js';
import { LoadedSession } from './session.js';
import { runSettings } from './settings.js';
import { PieceStream } from './stream.js';
import type { Ended, StartRun } from './stream.js';
import type {
  ChatMessage,
  ChatTemplateOptions,
  DetokenizeOptions,
  Engine,
  EngineInfo,
  GenerateOptions,
  Generation,
  Session,
  TokenizeOptions,
} from './types.js';

/** The caller's side of an engine: everything is done by messages. */
export class LoadedEngine implements Engine {
  readonly chat: { readonly completions: ChatCompletions };
  readonly completions: Completions;
  readonly embeddings: Embeddings;
  readonly #client: Client;
  readonly #queue = new Queue();
  readonly #worker: Pick<EngineInfo, 'worker' | 'workerReason'>;
  #facts: ModelFacts;
  #nextSession = 1;

  constructor(client: Client, facts: ModelFacts, worker: Pick<EngineInfo, 'worker' | 'workerReason'>) {
    this.#client = client;
    this.#facts = facts;
    this.#worker = worker;
    this.chat = { completions: chatCompletions(this) };
    this.completions = completions(this);
    this.embeddings = embeddings(this);
  }

  get info(): EngineInfo {
    return { ...this.#facts.info, ...this.#worker };
  }

  generate(prompt: string | readonly ChatMessage[], options: GenerateOptions = {}): Generation {
    return this.#generate(prompt, options);
  }

  session(): Session {
    return this.#sessionOf(this.#nextSession++);
  }

  async loadSession(saved: Uint8Array): Promise<Session> {
    const given: unknown = saved;
    if (!(given instanceof Uint8Array)) throw new ChordError('invalid_argument', 'a saved session is a Uint8Array');
    const session = this.#nextSession++;
    await this.#inTurn(async () => {
      this.#facts = await this.#client.call(
        (id) => ({ type: 'restore', id, session, saved }),
        (answer) => (answer.type === 'restored' ? { result: answer.facts } : undefined),
      );
    });
    return this.#sessionOf(session);
  }

  #sessionOf(session: number): Session {
    return new LoadedSession(this, {
      generate: (prompt, options) => this.#generate(prompt, options, session),
      save: () =>
        this.#inTurn(() =>
          this.#client.call(
            (id) => ({ type: 'save', id, session }),
            (answer) => (answer.type === 'saved' ? { result: answer.saved } : undefined),
          ),
        ),
      release: () =>
        this.#inTurn(() => {
          this.#client.post({ type: 'release', session });
          return Promise.resolve();
        }),
    });
  }

  async #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const endTurn = await this.#queue.turn(undefined, () => undefined);
    try {
      return await work();
    } finally {
      endTurn();
    }
  }

  #generate(prompt: string | readonly ChatMessage[], options: GenerateOptions, session?: number): Generation {
    const settings = runSettings(options);
    const start: StartRun = async (signal, onBegin, onPiece): Promise<Ended> => {
      const called = performance.now();
      const endTurn = await this.#queue.turn(signal, () => {
        stream.hurry();
      });
      try {
        const queuedMs = performance.now() - called;
        const text = await this.#promptOf(prompt, options.chatTemplate);
        throwIfAborted(signal);
        const processor = options.logitProcessor && new Processing(options.logitProcessor, this.#client);
        const outcome = await this.#run(text, settings, session, signal, onBegin, onPiece, processor);
        return { outcome, queuedMs };
      } finally {
        endTurn();
      }
    };
    const stream = new PieceStream(start, options.signal);
    return stream;
  }

  async #run(
    prompt: string,
    settings: ReturnType<typeof runSettings>,
    session: number | undefined,
    signal: AbortSignal,
    onBegin: Parameters<StartRun>[1],
    onPiece: Parameters<StartRun>[2],
    processing: Processing | undefined,
  ): Promise<Outcome> {
    let cancel = (): void => undefined;
    try {
      return await this.#client.call(
        (id) => ({ type: 'generate', id, prompt, settings, session }),
        (answer) => {
          if (answer.type === 'piece') onPiece(answer.piece);
          processing?.receive(answer);
          if (answer.type !== 'finished') return undefined;
          this.#facts = answer.facts;
          processing?.throwFailure();
          return { result: answer.outcome };
        },
        (id) => {
          cancel = () => {
            this.#client.post({ type: 'cancel', id });
          };
          signal.addEventListener('abort', cancel);
          onBegin((pieces) => {
            this.#client.post({ type: 'credit', id, pieces });
          });
        },
      );
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  }

  async embed(texts: string | readonly string[], options: EmbedOptions = {}): Promise<Float32Array[]> {
    return (await this.embedded(embedTexts(texts), options)).vectors;
  }

  /** What `embed` and `embeddings` do. */
  async embedded(texts: readonly string[], options: EmbedOptions): Promise<Embedded> {
    const settings = embedSettings(options);
    const { signal } = options;
    const endTurn = await this.#queue.turn(signal, () => undefined);
    let cancel = (): void => undefined;
    try {
      throwIfAborted(signal);
      return await this.#client.call(
        (id) => ({ type: 'embed', id, texts, settings }),
        (answer) => (answer.type === 'embedded' ? { result: answer.embedded } : undefined),
        (id) => {
          cancel = () => {
            this.#client.post({ type: 'cancel', id });
          };
          signal?.addEventListener('abort', cancel);
        },
      );
    } finally {
      signal?.removeEventListener('abort', cancel);
      endTurn();
    }
  }

  tokenize(text: string, { special = true, bos = false }: TokenizeOptions = {}): Promise<Int32Array> {
    return this.#tokens(text, special, bos);
  }

  detokenize(tokens: ArrayLike<number>, { special = false }: DetokenizeOptions = {}): Promise<string> {
    return this.#client.call(
      (id) => ({ type: 'detokenize', id, tokens: Int32Array.from(tokens), special }),
      (answer) => (answer.type === 'text' ? { result: answer.text } : undefined),
    );
  }

  async countTokens(prompt: string | readonly ChatMessage[], options: ChatTemplateOptions = {}): Promise<number> {
    return (await this.#tokens(await this.#promptOf(prompt, options), true, 'prompt')).length;
  }

  async applyChatTemplate(messages: readonly ChatMessage[], options: ChatTemplateOptions = {}): Promise<string> {
    return this.#promptOf(messages, options);
  }

  dispose(): Promise<void> {
    return this.#client.end(new ChordError('closed', 'the engine was disposed: load the model again'));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  #tokens(text: string, special: boolean, bos: boolean | 'prompt'): Promise<Int32Array> {
    const given: unknown = text;
    if (typeof given !== 'string') throw new ChordError('invalid_argument', 'the text is not a string');
    return this.#client.call(
      (id) => ({ type: 'tokenize', id, text, special, bos }),
      (answer: FromEngine) => (answer.type === 'tokens' ? { result: answer.tokens } : undefined),
    );
  }

  async #promptOf(prompt: string | readonly ChatMessage[], options: ChatTemplateOptions | undefined): Promise<string> {
    if (typeof prompt === 'string') return prompt;
    const { renderPrompt } = await import('../chat/template.js');
    const hasToken = async (text: string): Promise<boolean> => (await this.#tokens(text, true, false)).length === 1;
    return renderPrompt({ ...this.#facts.template, hasToken }, prompt, options);
  }
}
