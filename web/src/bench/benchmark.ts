import { openGpu } from '#gpu';
import { machine } from '#machine';
import type { chordKvType } from '../abi/generated.js';
import { ChordError } from '../errors.js';
import { Generation } from '../generation.js';
import type { GpuOptions } from '../gpu/webgpu.js';
import { Pace, turnMs } from '../host/pace.js';
import type { Model } from '../host/model.js';
import { Session, sessionOptions } from '../host/session.js';
import type { GenerationSettings } from '../host/session.js';
import { loadModel } from '../load.js';
import type { ModelSource } from '../sources/source.js';
import { stepBudgetMs } from '../token_stream.js';
import { measureBandwidth } from './bandwidth.js';
import { spreadOf } from './report.js';
import type { BenchReport, PromptSpeeds } from './report.js';

export interface BenchmarkOptions extends GpuOptions {
  /** Tokens of prompt and answer together. */
  readonly contextLength: number;
  /** How keys and values are stored. Default: f16. */
  readonly kvType?: keyof typeof chordKvType | undefined;
  /** Default: cpu. */
  readonly device?: 'cpu' | 'webgpu' | undefined;
  /** Draws tokens as `set_config` has it by default, penalties included, instead of taking the likeliest. */
  readonly sampled?: boolean | undefined;
  /** Whether prompts repeat their first 16 tokens. */
  readonly repeated?: boolean | undefined;
  /** Tokens that prompt lookup computes ahead in each step, 0 to 15. Default: 0. */
  readonly draftTokens?: number | undefined;
}

const sampling = { temperature: 0.7, topK: 40, topP: 0.9, repetitionPenalty: 1.1, seed: 1n };

/** Tokens a second of one generation. */
export interface Speeds {
  readonly prefill: number;
  readonly decode: number;
}

/** What is known of a model and its session without measuring. */
export type BenchFacts = Pick<
  BenchReport,
  'engine' | 'kernels' | 'threads' | 'model' | 'weight_bytes' | 'decode_bytes' | 'kv_type' | 'kv_bytes'
>;

/** A loaded model that is measured. */
export class Benchmark {
  readonly #model: Model;
  readonly #session: Session;
  readonly #kvType: keyof typeof chordKvType;
  readonly #settings: Partial<GenerationSettings>;
  /** Of the prompt. */
  readonly #period: number;
  readonly loadMs: number;

  private constructor(model: Model, session: Session, options: BenchmarkOptions, loadMs: number) {
    this.#model = model;
    this.#session = session;
    this.#kvType = options.kvType ?? 'f16';
    this.#settings = { ...(options.sampled === true && sampling), draftTokens: options.draftTokens ?? 0 };
    this.#period = options.repeated === true ? 16 : Infinity;
    this.loadMs = loadMs;
  }

  static async open(source: ModelSource, options: BenchmarkOptions): Promise<Benchmark> {
    const begin = performance.now();
    const gpu = options.device === 'webgpu' ? await openGpu(options) : undefined;
    const wanted = sessionOptions(options.contextLength, options.kvType ?? 'f16', gpu);
    const model = await loadModel(source, {}, wanted, gpu);
    const loadMs = performance.now() - begin;
    const session = new Session(model, wanted);
    await gpu?.compiled();
    return new Benchmark(model, session, options, loadMs);
  }

  /**
   * One generation of `generated` tokens, at least 2, in an emptied context, step by step as an engine makes
   * them. Times are the clock's, from the call on: what goes on between steps counts. The ids of the prompt are
   * arbitrary, and the same every time: speed does not depend on them, but for what they repeat.
   */
  async run(promptTokens: number, generated: number): Promise<Speeds> {
    const { vocabSize } = this.#model.info();
    const prompt = Int32Array.from({ length: promptTokens }, (_, i) => ((i % this.#period) * 7919 + 11) % vocabSize);
    this.#session.clear();
    const generation = new Generation({
      prepare: () => Promise.resolve(),
      start: () => {
        this.#session.generate(prompt, { maxTokens: generated, ignoreEos: 1, stopStrings: [], ...this.#settings });
        return this.#session;
      },
      settled: () => this.#settled(),
      release: () => undefined,
    });
    const pace = new Pace(turnMs);
    const begin = performance.now();
    let first = begin;
    let last = begin;
    while (!generation.ended) {
      await pace.keep();
      const { kind } = generation.step(stepBudgetMs);
      if (kind === 'waiting') await this.#settled();
      if (kind !== 'text') continue;
      last = performance.now();
      if (generation.tokenCount === 1) first = last;
    }
    if (generation.tokenCount !== generated) {
      throw new ChordError('internal', `${generation.tokenCount} tokens were generated, not ${generated}`);
    }
    return { prefill: (promptTokens * 1000) / (first - begin), decode: ((generated - 1) * 1000) / (last - first) };
  }

  async #settled(): Promise<void> {
    await this.#model.core.gpu?.settled();
  }

  facts(): BenchFacts {
    const { core } = this.#model;
    return {
      engine: `wasm-chord ${core.cString((x) => x.chord_version())}, ${machine.runtime}`,
      kernels: this.#model.kernels,
      threads: this.#model.threads || 1,
      model: this.#model.metadata('general.name') ?? '',
      weight_bytes: Number(this.#model.info().weightBytes),
      decode_bytes: this.#decodeBytes(),
      kv_type: this.#kvType,
      kv_bytes: Number(this.#session.info().kvBytes),
    };
  }

  /** What is known of the model and the machine, and `speeds`, which `run` has measured. */
  async report(file: string, generated: number, speeds: ReadonlyMap<number, readonly Speeds[]>): Promise<BenchReport> {
    const facts = this.facts();
    const { core } = this.#model;
    // First, since the memory that is read for the bandwidth is not the model's.
    const peak = await machine.peakMemory([core.control.memory, ...(core.gpu ? [] : [core.data.views.memory])]);
    const bandwidth = core.gpu ? null : await measureBandwidth(facts.threads);
    return {
      ...facts,
      file,
      load_ms: this.loadMs,
      peak_bytes: peak,
      bandwidth,
      generated_tokens: generated,
      runs: Math.max(...[...speeds.values()].map(({ length }) => length)),
      speeds: [...speeds].map(([promptTokens, runs]): PromptSpeeds => {
        const decode = spreadOf(runs.map((each) => each.decode));
        return {
          prompt_tokens: promptTokens,
          prefill: spreadOf(runs.map((each) => each.prefill)),
          decode,
          bandwidth_share: bandwidth === null ? null : (decode.median * facts.decode_bytes) / bandwidth,
        };
      }),
    };
  }

  free(): void {
    this.#model.core.discard();
  }

  // Of the embedding, decoding reads one row, unless it is the output matrix, too; of experts, those that a token
  // passes.
  #decodeBytes(): number {
    const tensors = this.#model.tensorBytes();
    const architecture = this.#model.metadata('general.architecture') ?? '';
    const numberOf = (name: string) => Number(this.#model.metadata(`${architecture}.${name}`) ?? 0);
    const unused = 1 - numberOf('expert_used_count') / numberOf('expert_count');
    let bytes = Number(this.#model.info().weightBytes);
    if (tensors.has('output.weight')) bytes -= tensors.get('token_embd.weight') ?? 0;
    for (const [name, size] of tensors) {
      if (name.endsWith('_exps.weight')) bytes -= size * unused;
    }
    return bytes;
  }
}
