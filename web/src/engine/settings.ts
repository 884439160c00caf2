import { checkSeed, randomSeed } from '../config.js';
import { ChordError } from '../errors.js';
import { constraintOf } from '../grammar/constraint.js';
import type { RunSettings } from './protocol.js';
import type { GenerateOptions } from './types.js';

const maxUint32 = 0xffff_ffff;

type NumberName =
  | 'maxTokens'
  | 'temperature'
  | 'topP'
  | 'topK'
  | 'minP'
  | 'repetitionPenalty'
  | 'frequencyPenalty'
  | 'presencePenalty'
  | 'penaltyWindow'
  | 'topLogprobs';

interface Range {
  readonly otherwise: number;
  readonly least: number;
  readonly most: number;
  readonly whole?: boolean;
  readonly note?: string;
}

const ranges: Readonly<Record<NumberName, Range>> = {
  maxTokens: { otherwise: Infinity, least: 1, most: maxUint32, whole: true, note: ', or Infinity' },
  temperature: { otherwise: 0.7, least: 0, most: 100 },
  topP: { otherwise: 0.9, least: 0, most: 1 },
  topK: { otherwise: 40, least: 0, most: maxUint32, whole: true },
  minP: { otherwise: 0, least: 0, most: 1 },
  repetitionPenalty: { otherwise: 1, least: 0.01, most: 100 },
  frequencyPenalty: { otherwise: 0, least: -100, most: 100 },
  presencePenalty: { otherwise: 0, least: -100, most: 100 },
  penaltyWindow: { otherwise: 64, least: 0, most: 65_536, whole: true },
  topLogprobs: { otherwise: 0, least: 0, most: 20, whole: true },
};

/** The options with their defaults; throws `invalid_argument`, which names the option and what is allowed. */
export function runSettings(options: GenerateOptions): RunSettings {
  const number = (name: NumberName): number => checkNumber(name, options[name]);
  const maxTokens = options.maxTokens === Infinity ? Infinity : number('maxTokens');
  return {
    seed: checkSeed(options.seed) ?? randomSeed(),
    maxTokens: maxTokens === Infinity ? 0 : maxTokens,
    temperature: number('temperature'),
    topP: number('topP'),
    topK: number('topK'),
    minP: number('minP'),
    repetitionPenalty: number('repetitionPenalty'),
    frequencyPenalty: number('frequencyPenalty'),
    presencePenalty: number('presencePenalty'),
    penaltyWindow: number('penaltyWindow'),
    ignoreEos: options.ignoreEos === true,
    stopStrings: checkStops(options.stop),
    stopTokens: (options.stopTokens ?? []).map((token) => checkToken('stopTokens', token)),
    logitBiases: Object.entries(options.logitBias ?? {}).map(([token, bias]) => ({
      token: checkToken('logitBias', Number(token)),
      bias: checkBias(token, bias),
    })),
    logprobs: options.logprobs === true,
    topLogprobs: number('topLogprobs'),
    constraint: constraintOf(options),
    draftTokens: checkSpeculation(options.speculation),
    processed: checkProcessor(options.logitProcessor),
  };
}

function checkNumber(name: NumberName, value: number | undefined): number {
  const { otherwise, least, most, whole = false, note = '' } = ranges[name];
  if (value === undefined) return otherwise;
  if (value >= least && value <= most && (!whole || Number.isInteger(value))) return value;
  throw refused(name, value, `a ${whole ? 'whole ' : ''}number from ${least} to ${most}${note}`);
}

function checkStops(stop: string | readonly string[] | undefined): readonly string[] {
  const stops = typeof stop === 'string' ? [stop] : (stop ?? []);
  for (const text of stops) {
    const given: unknown = text;
    if (typeof given !== 'string' || given === '') throw refused('stop', given, 'strings that are not empty');
  }
  return stops;
}

function checkToken(name: string, token: number): number {
  if (Number.isInteger(token) && token >= 0 && token <= 0x7fff_ffff) return token;
  throw refused(name, token, 'the ids of tokens');
}

function checkBias(token: string, bias: number): number {
  if (typeof bias === 'number' && !Number.isNaN(bias) && bias < Infinity) return bias;
  throw refused(`logitBias[${token}]`, bias, 'a number below Infinity');
}

// Of a step: more are seldom right, and cost more where they are wrong.
const mostDrafts = 8;

function checkSpeculation(speculation: unknown = 'none'): number {
  if (speculation === 'none') return 0;
  if (speculation === 'prompt-lookup') return mostDrafts;
  throw refused('speculation', speculation, 'none, prompt-lookup');
}

function checkProcessor(processor: unknown): boolean {
  if (processor === undefined || typeof processor === 'function') return processor !== undefined;
  throw refused('logitProcessor', processor, 'a function');
}

function refused(name: string, value: unknown, allowed: string): ChordError {
  return new ChordError('invalid_argument', `${name} is ${String(value)}; allowed is ${allowed}`);
}
