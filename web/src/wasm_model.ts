import { gpuAvailable } from '#gpu';
import { platform } from '#platform';
import { chordKvType } from './abi/generated.js';
import { checkConfig, checkSeed, defaultConfig, generationSettings } from './config.js';
import type { Config, MoreConfig } from './config.js';
import { ChordError } from './errors.js';
import { Generation } from './generation.js';
import type { GpuHost } from './gpu/host.js';
import type { GpuOptions } from './gpu/webgpu.js';
import { Core, closed } from './host/core.js';
import { feedBuffer, feedBufferAtOnce } from './host/loading.js';
import { Model } from './host/model.js';
import { Pace } from './host/pace.js';
import { Session, sessionOptions } from './host/session.js';
import { compiledModules } from './init.js';
import { loadModel, onDevice } from './load.js';
import { checkContextLength, describeModel } from './model_info.js';
import type { ModelDescription } from './model_info.js';
import type { SourceOptions } from './sources/options.js';
import type { ModelSource } from './sources/source.js';
import { AsyncTokenStream } from './token_stream.js';

/** How a model's context is kept. */
export interface ModelOptions {
  /** Tokens of prompt and answer together. Default: what the model was trained for, at most 4096. */
  readonly contextLength?: number | undefined;
  /** How keys and values are stored. Default: f16. */
  readonly kvType?: 'f16' | 'f32' | 'q8_0' | undefined;
}

export interface LoadOptions extends ModelOptions, GpuOptions, Omit<SourceOptions, 'onProgress'> {
  /**
   * Where the model runs: `webgpu` or nowhere, `auto`: on the GPU if there is one that can, else on the CPU
   * (`get_model_info()` says why). Default: `cpu`.
   */
  readonly device?: 'cpu' | 'webgpu' | 'auto' | undefined;
  /** Aborting it makes `load` reject with `cancelled`. */
  readonly signal?: AbortSignal | undefined;
  /** Bytes of the file read so far, and in all where that is known. */
  readonly onProgress?: ((loaded: number, total: number | undefined) => void) | undefined;
}

export interface GenerateAsyncOptions {
  /** Aborting it stops the work and makes the stream reject with `cancelled`. */
  readonly signal?: AbortSignal | undefined;
}

/** Gets a piece of text; returning false stops the generation. */
export type TextCallback = ((text: string) => boolean) | ((text: string) => void);

const kvElementBytes = { f16: 2, f32: 4, q8_0: 34 / 32 };

// Longer than any step: a synchronous generation has no event loop to come back to.
const untilToken = 1e9;

/**
 * A model that runs in the caller's thread. Prompts are raw text: what makes a chat of it is `format_chat`. The
 * text of special tokens in a prompt means those tokens, and the token that begins a text is put first where the
 * model's file asks for it. One generation runs at a time; another call meanwhile throws `busy`.
 */
export class WasmModel {
  #model: Model;
  readonly #contextLength: number;
  readonly #kvType: keyof typeof chordKvType;
  /** The file, until the weights are placed. */
  #bytes: Uint8Array | undefined;
  #placing = false;
  /** What can be read again to move the model to the GPU, and how. */
  #source: ModelSource | undefined;
  #options: LoadOptions = {};
  #deviceReason = 'the CPU was asked for';
  #moving = false;
  #session: Session | undefined;
  #running: Generation | undefined;
  #config: Config = defaultConfig;

  /**
   * Reads the header of a GGUF file; the weights are copied out of `bytes` at the first generation, which must find
   * them unchanged. `await init()` comes first.
   */
  constructor(bytes: Uint8Array | ArrayBuffer, options?: ModelOptions);
  /** @internal */
  // eslint-disable-next-line @typescript-eslint/unified-signatures -- only this one stays out of the declarations
  constructor(loaded: Model, options?: ModelOptions);
  constructor(source: Uint8Array | ArrayBuffer | Model, options: ModelOptions = {}) {
    const { contextLength, kvType } = checkModelOptions(options);
    this.#contextLength = contextLength;
    this.#kvType = kvType;
    if (source instanceof Model) {
      this.#model = source;
    } else {
      this.#bytes = bytesOf(source);
      this.#model = parse(this.#bytes);
    }
  }

  /**
   * Loads a model from a URL, a `Blob` or `File`, a buffer, an object with `size` and `read`, or in Node, Bun and
   * Deno from a path. The file is read once, front to back, and its weights are placed as they arrive. Calls
   * `init()` if nobody has.
   */
  static async load(source: ModelSource, options: LoadOptions = {}): Promise<WasmModel> {
    return onDevice(options.device ?? 'cpu', options, (gpu, reason) => WasmModel.#loadOn(gpu, source, options, reason));
  }

  static async #loadOn(
    gpu: GpuHost | undefined,
    source: ModelSource,
    options: LoadOptions,
    reason: string,
  ): Promise<WasmModel> {
    const { contextLength, kvType } = checkModelOptions(options);
    const model = await loadModel(source, options, sessionOptions(contextLength, kvType, gpu), gpu);
    const loaded = new WasmModel(model, options);
    loaded.#source = source;
    loaded.#options = { ...options, onProgress: undefined, signal: undefined };
    loaded.#deviceReason = reason;
    if (gpu) await loaded.#prepareGpu(gpu, options);
    return loaded;
  }

  /** Whether this build may find a GPU here. Only `init_gpu_async` tells for certain. */
  static is_gpu_available(): boolean {
    return gpuAvailable();
  }

  /**
   * Sets how text is generated; an argument left out keeps its value, at first 100, 0.7, 0.9, 40, 1.1. A
   * temperature of 0 is greedy; `max_tokens` may be Infinity. A running generation goes on as it began.
   */
  set_config(
    max_tokens: number | undefined = this.#config.maxTokens,
    temperature: number | undefined = this.#config.temperature,
    top_p: number | undefined = this.#config.topP,
    top_k: number | undefined = this.#config.topK,
    repetition_penalty: number | undefined = this.#config.repetitionPenalty,
    more: MoreConfig = {},
  ): void {
    this.#requireOpen();
    this.#config = checkConfig({
      maxTokens: max_tokens,
      temperature,
      topP: top_p,
      topK: top_k,
      repetitionPenalty: repetition_penalty,
      seed: 'seed' in more ? checkSeed(more.seed) : this.#config.seed,
      stop: more.stop ?? this.#config.stop,
    });
  }

  get_model_info(): ModelDescription {
    this.#requireOpen();
    const context = { contextLength: this.#contextLength, kvElementBytes: kvElementBytes[this.#kvType] };
    return describeModel(this.#model, this.#session, context, this.#deviceReason);
  }

  /** The text that follows `prompt`. Blocks the thread until it is complete, which a model on the GPU cannot. */
  generate(prompt: string): string {
    return this.generate_stream(prompt, () => true);
  }

  /** As `generate`; `callback` gets each piece of text as it comes, and stops the generation by returning false. */
  generate_stream(prompt: string, callback: TextCallback): string {
    this.#requireOpen();
    if (this.#model.core.gpu) {
      throw new ChordError('invalid_argument', 'a GPU answers only while the event loop runs: call generate_async()');
    }
    // A page's thread must not wait for others with its event loop stopped.
    return platform.maySleep
      ? this.#generateAtOnce(prompt, callback)
      : this.#model.core.data.alone(() => this.#generateAtOnce(prompt, callback));
  }

  #generateAtOnce(prompt: string, callback: TextCallback): string {
    const generation = this.#begin(prompt);
    let all = '';
    try {
      while (!generation.ended) {
        const step = generation.step(untilToken);
        if (step.kind === 'working' || step.kind === 'waiting' || step.text === '') continue;
        all += step.text;
        if (callback(step.text) === false) break;
        generation.throwFailure();
      }
    } finally {
      generation.stop();
    }
    return all;
  }

  /** Starts a generation and returns at once; the stream's `next()` does the work. */
  generate_async(prompt: string, options: GenerateAsyncOptions = {}): AsyncTokenStream {
    const generation = this.#begin(prompt, options.signal);
    generation.listen();
    return new AsyncTokenStream(generation);
  }

  /** The token ids of a text; `special`: the text of special tokens means those tokens. */
  tokenize(text: string, special = true): number[] {
    this.#requireOpen();
    return [...this.#model.tokenize(text, special)];
  }

  /** The text of token ids; `special`: special tokens are written too. */
  detokenize(tokens: readonly number[], special = false): string {
    this.#requireOpen();
    return this.#model.detokenize(tokens, special);
  }

  /** A GPU cannot be asked for without waiting: always throws, and names `init_gpu_async`. */
  init_gpu(): never {
    throw new ChordError('invalid_argument', 'a GPU is found by waiting for it: call `await model.init_gpu_async()`');
  }

  /**
   * Moves the model to the GPU; does nothing if it is there. Weights that are on the CPU already are read from the
   * source again, as `load` read it, and given back when all is well. Rejects with one of the codes `gpu_…`, with `busy` in the midst of
   * a generation, or with what the loading fails with, and leaves the model where it is.
   */
  async init_gpu_async(options: GpuOptions = {}): Promise<void> {
    this.#requireOpen();
    if (this.#model.core.gpu) return;
    if (this.#running) throw new ChordError('busy', 'the model is generating: it can be moved before or after');
    this.#requireStill();
    this.#moving = true;
    try {
      const source = this.#placing ? this.#source : (this.#bytes ?? this.#source);
      await onDevice('webgpu', options, async (gpu) => {
        if (!source) {
          gpu?.destroy();
          throw new ChordError(
            'source_consumed',
            'the bytes were given once, and are on the CPU: use WasmModel.load()',
          );
        }
        if (gpu) await this.#moveTo(gpu, source, options);
      });
    } finally {
      this.#moving = false;
    }
  }

  async #moveTo(gpu: GpuHost, source: ModelSource, options: GpuOptions): Promise<void> {
    const before = { model: this.#model, session: this.#session };
    const session = sessionOptions(this.#contextLength, this.#kvType, gpu);
    const model = await loadModel(source, this.#options, session, gpu);
    try {
      this.#requireOpen();
    } catch (error) {
      model.core.discard();
      throw error;
    }
    this.#model = model;
    this.#session = undefined;
    try {
      await this.#prepareGpu(gpu, options);
    } catch (error) {
      this.#model = before.model;
      this.#session = before.session;
      throw error;
    }
    this.#bytes = undefined;
    this.#deviceReason = 'init_gpu_async() was called';
    before.model.core.discard();
  }

  // Opens the session, so that what does not fit shows now, and waits for the pipelines.
  async #prepareGpu(gpu: GpuHost, { onCompile }: GpuOptions): Promise<void> {
    const { core } = this.#model;
    try {
      if (this.#model.info().vocabOnly === 0) this.#session = this.#openSession();
      await gpu.compiled(onCompile);
    } catch (error) {
      core.discard();
      throw error;
    }
  }

  /**
   * Gives the model's memory back. A stream that is still running, and every later use, fails with `closed`;
   * freeing twice does no harm.
   */
  free(): void {
    this.#model.core.discard();
    this.#session = undefined;
    this.#bytes = undefined;
    this.#running?.abandon(new ChordError('closed', 'the model was freed'));
  }

  #begin(prompt: string, signal?: AbortSignal): Generation {
    this.#requireOpen();
    if (typeof prompt !== 'string') throw new ChordError('invalid_argument', 'the prompt is not a string');
    if (this.#running) throw new ChordError('busy', 'the model is generating: one at a time');
    this.#requireStill();
    const config = this.#config;
    const owner = {
      prepare: (hasEnded: () => boolean) => this.#placeAsync(hasEnded),
      start: () => this.#start(prompt, config),
      settled: () => this.#model.core.gpu?.settled() ?? Promise.resolve(),
      release: () => {
        this.#running = undefined;
      },
    };
    const generation = new Generation(owner, signal);
    this.#running = generation;
    return generation;
  }

  #start(prompt: string, config: Config): Session {
    this.#place();
    this.#session ??= this.#openSession();
    this.#session.generate(this.#model.promptTokens(prompt), generationSettings(config));
    return this.#session;
  }

  #openSession(): Session {
    return new Session(this.#model, sessionOptions(this.#contextLength, this.#kvType, this.#model.core.gpu));
  }

  #place(): void {
    if (!this.#bytes) return;
    this.#beginPlacing();
    feedBufferAtOnce(this.#model, this.#bytes);
    this.#bytes = undefined;
  }

  async #placeAsync(hasEnded: () => boolean): Promise<void> {
    if (!this.#bytes) return;
    this.#beginPlacing();
    const pace = new Pace();
    const run = feedBuffer(this.#model, this.#bytes);
    while (run.next().done !== true) {
      await pace.keep();
      if (hasEnded()) return;
    }
    this.#bytes = undefined;
  }

  #beginPlacing(): void {
    if (this.#placing) return;
    this.#model.place();
    this.#placing = true;
  }

  #requireStill(): void {
    if (this.#moving) throw new ChordError('busy', 'the model is on its way to the GPU');
  }

  #requireOpen(): void {
    if (!this.#model.core.isOpen) closed();
  }
}

function checkModelOptions({ contextLength, kvType = 'f16' }: ModelOptions): {
  contextLength: number;
  kvType: keyof typeof chordKvType;
} {
  if (Object.hasOwn(chordKvType, kvType)) return { contextLength: checkContextLength(contextLength), kvType };
  throw new ChordError('invalid_argument', `kvType is ${kvType}; allowed are f16, f32, q8_0`);
}

function bytesOf(source: unknown): Uint8Array {
  if (source instanceof Uint8Array) return source;
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  throw new ChordError(
    'invalid_argument',
    'new WasmModel() takes a Uint8Array or an ArrayBuffer; see WasmModel.load()',
  );
}

function parse(bytes: Uint8Array): Model {
  const core = new Core(compiledModules());
  try {
    const model = new Model(core, bytes.length);
    feedBufferAtOnce(model, bytes);
    return model;
  } catch (error) {
    core.discard();
    throw error;
  }
}
