import { ChordError } from './errors.js';
import type { GenerationSettings } from './host/session.js';

/** What `set_config` takes beside its five numbers. */
export interface MoreConfig {
  /** The same seed gives the same text; undefined: another one each time. A whole number below 2^64. */
  readonly seed?: number | bigint | undefined;
  /** The text ends before the first of these that appears in it. */
  readonly stop?: readonly string[] | undefined;
}

export interface Config {
  readonly maxTokens: number;
  readonly temperature: number;
  readonly topP: number;
  readonly topK: number;
  readonly repetitionPenalty: number;
  readonly seed: bigint | undefined;
  readonly stop: readonly string[];
}

export const defaultConfig: Config = {
  maxTokens: 100,
  temperature: 0.7,
  topP: 0.9,
  topK: 40,
  repetitionPenalty: 1.1,
  seed: undefined,
  stop: [],
};

const maxUint32 = 0xffff_ffff;

/** Throws `invalid_argument`, which names the option and what is allowed. */
export function checkConfig(config: Config): Config {
  const { maxTokens, temperature, topP, topK, repetitionPenalty, stop } = config;
  if (maxTokens !== Infinity) requireInteger('max_tokens', maxTokens, 1, 'or Infinity: until the context is full');
  require('temperature', temperature, temperature >= 0 && temperature <= 100, '0 (greedy) to 100');
  require('top_p', topP, topP > 0 && topP <= 1, 'above 0 and at most 1 (all)');
  requireInteger('top_k', topK, 0, '(0: all)');
  require('repetition_penalty', repetitionPenalty, repetitionPenalty > 0 && repetitionPenalty <= 100, 'above 0 to 100');
  if (!stop.every((text) => typeof text === 'string' && text !== '')) {
    throw new ChordError('invalid_argument', 'stop: a list of strings that are not empty');
  }
  return config;
}

/** A seed as the core takes it. */
export function checkSeed(seed: number | bigint | undefined): bigint | undefined {
  if (seed === undefined) return undefined;
  const valid = typeof seed === 'bigint' ? seed >= 0n && seed < 1n << 64n : Number.isSafeInteger(seed) && seed >= 0;
  require('seed', seed, valid, 'a whole number from 0 to 2^64 - 1 (above 2^53 - 1 as a bigint)');
  return BigInt(seed);
}

export function generationSettings(config: Config): GenerationSettings {
  return {
    seed: config.seed ?? randomSeed(),
    maxTokens: config.maxTokens === Infinity ? 0 : config.maxTokens,
    temperature: config.temperature,
    topP: config.topP,
    topK: config.topK,
    repetitionPenalty: config.repetitionPenalty,
    stopStrings: config.stop,
  };
}

export function randomSeed(): bigint {
  return crypto.getRandomValues(new BigUint64Array(1))[0] ?? 0n;
}

function requireInteger(name: string, value: number, min: number, note: string): void {
  const valid = Number.isInteger(value) && value >= min && value <= maxUint32;
  require(name, value, valid, `a whole number from ${min} to ${maxUint32} ${note}`);
}

function require(name: string, value: unknown, valid: boolean, allowed: string): void {
  if (!valid) throw new ChordError('invalid_argument', `${name} is ${String(value)}; allowed is ${allowed}`);
}
