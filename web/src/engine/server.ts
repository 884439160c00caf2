import { ChordError } from '../errors.js';
import { openSource } from '../sources/open.js';
import type { DownloadProgress } from '../sources/options.js';
import type { ByteSource } from '../sources/source.js';
import { CallerFilter } from './caller_filter.js';
import { CallerSource } from './caller_source.js';
import type { LogitFilter } from './filter.js';
import { toErrorMessage } from './protocol.js';
import type { FromEngine, ToEngine } from './protocol.js';
import { RunControl } from './run.js';
import { Runtime } from './runtime.js';

type Message<Type> = Extract<ToEngine, { readonly type: Type }>;

/** What can be done to a call that is under way. */
interface Control {
  cancel(): void;
  grant?(pieces: number): void;
  edited?(logits: Float32Array): void;
}

/** An engine's own side: answers messages, in a worker or in the caller's thread. */
export class Server {
  readonly #post: (message: FromEngine, transfer?: ArrayBuffer[]) => void;
  readonly #controls = new Map<number, Control>();
  #callerSource: CallerSource | undefined;
  #load: ((signal: AbortSignal | undefined) => Promise<Runtime>) | undefined;
  #loading: Promise<Runtime> | undefined;
  #runtime: Runtime | undefined;
  #disposed = false;

  constructor(post: (message: FromEngine, transfer?: ArrayBuffer[]) => void) {
    this.#post = post;
  }

  receive(message: ToEngine): void {
    switch (message.type) {
      case 'load':
        void this.#answer(message.id, () => this.#firstLoad(message));
        return;
      case 'generate':
        void this.#answer(message.id, () => this.#generate(message));
        return;
      case 'embed':
        void this.#answer(message.id, () => this.#embed(message));
        return;
      case 'save':
        void this.#answer(message.id, () => this.#save(message));
        return;
      case 'restore':
        void this.#answer(message.id, () => this.#restore(message));
        return;
      case 'release':
        this.#runtime?.release(message.session);
        return;
      case 'tokenize':
        void this.#answer(message.id, () => this.#tokenize(message));
        return;
      case 'detokenize':
        void this.#answer(message.id, () => this.#detokenize(message));
        return;
      case 'credit':
        this.#controls.get(message.id)?.grant?.(message.pieces);
        return;
      case 'edited':
        this.#controls.get(message.id)?.edited?.(message.logits);
        return;
      case 'cancel':
        this.#controls.get(message.id)?.cancel();
        return;
      case 'opened':
      case 'bytes':
      case 'done':
      case 'unreadable':
        this.#callerSource?.receive(message);
    }
  }

  dispose(): void {
    this.#disposed = true;
    for (const control of this.#controls.values()) control.cancel();
    this.#runtime?.dispose();
  }

  async #answer(id: number, work: () => Promise<FromEngine>): Promise<void> {
    const answer = await work().catch((error: unknown): FromEngine => ({
      type: 'failed',
      id,
      error: toErrorMessage(this.#seen(error)),
    }));
    this.#controls.delete(id);
    this.#post(answer, answer.type === 'saved' ? [answer.saved.buffer] : undefined);
  }

  // After some errors the model's instance is of no use. The next call loads it again.
  #seen(error: unknown): unknown {
    const ends = !(error instanceof ChordError) || ['gpu_lost', 'worker_lost', 'internal'].includes(error.code);
    if (ends) this.#runtime?.dispose();
    return error;
  }

  async #firstLoad({ id, source, settings, files }: Message<'load'>): Promise<FromEngine> {
    if (source.kind === 'caller') this.#callerSource = new CallerSource(id, this.#post);
    const onProgress = (progress: DownloadProgress): void => {
      this.#post({ type: 'progress', id, progress });
    };
    this.#load = (signal) => {
      const open = (): Promise<ByteSource> =>
        source.kind === 'own'
          ? openSource(source.source, { ...files, signal, onProgress })
          : (this.#callerSource ?? new CallerSource(id, this.#post)).open(signal);
      return Runtime.load(open, settings, {
        signal,
        onCompile: (done, total) => {
          this.#post({ type: 'compile', id, done, total });
        },
      });
    };
    const controller = new AbortController();
    this.#controls.set(id, controllerOf(controller));
    const { facts } = await this.#opened(controller.signal);
    return { type: 'loaded', id, facts };
  }

  /** The model; loaded again where an error has ended its instance. */
  async #opened(signal?: AbortSignal): Promise<Runtime> {
    if (this.#runtime?.isOpen) return this.#runtime;
    this.#requireOpen();
    this.#loading ??= this.#load?.(signal).finally(() => {
      this.#loading = undefined;
    });
    const runtime = await this.#loading;
    if (!runtime) throw closed();
    this.#runtime = runtime;
    try {
      this.#requireOpen();
    } catch (error) {
      runtime.dispose();
      throw error;
    }
    return runtime;
  }

  #requireOpen(): void {
    if (this.#disposed) throw closed();
  }

  async #generate({ id, prompt, settings, session }: Message<'generate'>): Promise<FromEngine> {
    const control = new RunControl();
    const controller = new AbortController();
    const caller = new CallerFilter((logits) => {
      this.#post({ type: 'logits', id, logits }, [logits.buffer]);
    });
    this.#controls.set(id, {
      cancel: () => {
        controller.abort();
        control.cancel();
        caller.receive(new Float32Array());
      },
      edited: (logits) => {
        caller.receive(logits);
      },
      grant: (pieces) => {
        control.grant(pieces);
      },
    });
    const runtime = await this.#opened(controller.signal);
    const filters: LogitFilter[] = settings.processed ? [caller] : [];
    // Last, so that nothing is allowed again.
    if (settings.constraint) filters.push(await runtime.constraints.filter(settings.constraint, settings.maxTokens));
    const outcome = await runtime.generate(prompt, settings, session, control, filters, (piece) => {
      this.#post({ type: 'piece', id, piece });
    });
    return { type: 'finished', id, outcome, facts: runtime.facts };
  }

  async #embed({ id, texts, settings }: Message<'embed'>): Promise<FromEngine> {
    const controller = new AbortController();
    this.#controls.set(id, controllerOf(controller));
    const runtime = await this.#opened(controller.signal);
    return { type: 'embedded', id, embedded: await runtime.embed(texts, settings, controller.signal) };
  }

  async #save({ id, session }: Message<'save'>): Promise<FromEngine> {
    return { type: 'saved', id, saved: await (await this.#opened()).save(session) };
  }

  async #restore({ id, session, saved }: Message<'restore'>): Promise<FromEngine> {
    const runtime = await this.#opened();
    await runtime.restore(session, saved);
    return { type: 'restored', id, facts: runtime.facts };
  }

  async #tokenize({ id, text, special, bos }: Message<'tokenize'>): Promise<FromEngine> {
    const { model } = await this.#opened();
    if (bos === 'prompt') return { type: 'tokens', id, tokens: model.promptTokens(text) };
    const tokens = model.tokenize(text, special);
    const { bosToken } = model.info();
    return { type: 'tokens', id, tokens: bos && bosToken >= 0 ? Int32Array.of(bosToken, ...tokens) : tokens };
  }

  async #detokenize({ id, tokens, special }: Message<'detokenize'>): Promise<FromEngine> {
    const { model } = await this.#opened();
    return { type: 'text', id, text: model.detokenize(tokens, special) };
  }
}

function controllerOf(controller: AbortController): Control {
  return {
    cancel: () => {
      controller.abort();
    },
  };
}

function closed(): ChordError {
  return new ChordError('closed', 'the engine was disposed');
}
