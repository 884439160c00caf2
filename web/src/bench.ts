// The entry `wasm-chord/bench`: how fast the engine is here.
import init from './init.js';
import { Benchmark } from './bench/benchmark.js';
import type { Speeds } from './bench/benchmark.js';
import type { BenchReport } from './bench/report.js';
import type { ModelSource } from './sources/source.js';

export { init as default };
export { Benchmark } from './bench/benchmark.js';
export type { BenchFacts, BenchmarkOptions, Speeds } from './bench/benchmark.js';
export { toTable } from './bench/report.js';
export type { BenchReport, PromptSpeeds, Spread } from './bench/report.js';
export type { ModelSource } from './sources/source.js';

export interface BenchOptions {
  /** The model's name in the report. */
  readonly file: string;
  /** Lengths of prompts in tokens, one after the other. */
  readonly promptTokens: readonly number[];
  /** Tokens generated after each, at least 2. */
  readonly generatedTokens: number;
  /** How often, after one run that does not count. */
  readonly runs: number;
  readonly kvType?: 'f16' | 'f32' | 'q8_0' | undefined;
  /** Default: cpu. */
  readonly device?: 'cpu' | 'webgpu' | undefined;
  /** Draws tokens as `set_config` has it by default, instead of taking the likeliest. */
  readonly sampled?: boolean | undefined;
  /** Whether prompts repeat their first 16 tokens. */
  readonly repeated?: boolean | undefined;
  /** Tokens that prompt lookup computes ahead in each step, 0 to 15. Default: 0. */
  readonly draftTokens?: number | undefined;
  /** Whether a GPU that computes on the CPU will do. */
  readonly softwareAdapter?: boolean | undefined;
}

/** Measures loading, prefill and decoding of a model. */
export async function bench(source: ModelSource, options: BenchOptions): Promise<BenchReport> {
  const { file, promptTokens, generatedTokens, runs, ...others } = options;
  const benchmark = await Benchmark.open(source, {
    contextLength: Math.max(...promptTokens) + generatedTokens,
    ...others,
  });
  try {
    const speeds = new Map<number, Speeds[]>();
    for (const length of promptTokens) {
      await benchmark.run(length, generatedTokens);
      const measured: Speeds[] = [];
      for (let i = 0; i < runs; i++) measured.push(await benchmark.run(length, generatedTokens));
      speeds.set(length, measured);
    }
    return await benchmark.report(file, generatedTokens, speeds);
  } finally {
    benchmark.free();
  }
}
