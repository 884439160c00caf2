import { ChordError } from '../errors.js';
import type { GenerateOptions } from '../engine/types.js';
import { answerFormat } from './answer_format.js';
import { invalid, isRecord, shown } from './messages.js';
import type { SamplingParams, StreamOptions } from './openai.js';

/** A field of which only some values mean what happens anyway. */
export interface Limit {
  readonly allows: (value: unknown) => boolean;
  /** What holds instead, and what to do: "only { type: "text" } is supported". */
  readonly limit: string;
}

/** Which fields a request may have. */
export interface Fields {
  readonly supported: readonly string[];
  /** Those that would not change the output. */
  readonly inert: readonly string[];
  readonly limited: Readonly<Record<string, Limit>>;
}

export const samplingFields = [
  'frequency_penalty',
  'presence_penalty',
  'logit_bias',
  'max_tokens',
  'seed',
  'n',
  'stop',
  'stream',
  'stream_options',
  'temperature',
  'top_p',
  'top_k',
  'min_p',
  'repetition_penalty',
  'response_format',
  'grammar',
];

/** A field that is refused whatever its value is. */
export const never = (limit: string): Limit => ({ allows: () => false, limit });

export const onlyOne: Limit = { allows: (value) => value === 1, limit: 'only 1 is supported; make one call for each' };

/**
 * Throws `invalid_argument` where the request is not an object, and `unsupported_field` for a field that would change
 * the output and is not supported, or is not known. A field that is null or undefined counts as left out.
 */
export function checkFields(params: unknown, { supported, inert, limited }: Fields): void {
  if (!isRecord(params)) throw invalid(`the request is ${shown(params)}; it must be an object`);
  for (const [name, value] of Object.entries(params)) {
    if (value === undefined || value === null || supported.includes(name) || inert.includes(name)) continue;
    const limit = Object.hasOwn(limited, name) ? limited[name] : undefined;
    if (limit?.allows(value)) continue;
    const what = limit?.limit ?? `it is not supported; the fields that are: ${supported.join(', ')}`;
    throw new ChordError('unsupported_field', `${name} is ${shown(value)}: ${what}`);
  }
}

/** The sampling of a request. What is left out is as `engine.generate` has it. Throws `invalid_argument`. */
export function generateOptions(params: SamplingParams): GenerateOptions {
  return {
    maxTokens: integer(params, 'max_tokens', 1, 0xffff_ffff),
    temperature: number(params, 'temperature', 0, 100),
    topP: number(params, 'top_p', 0, 1),
    topK: integer(params, 'top_k', 0, 0xffff_ffff),
    minP: number(params, 'min_p', 0, 1),
    repetitionPenalty: number(params, 'repetition_penalty', 0, 100),
    frequencyPenalty: number(params, 'frequency_penalty', -100, 100),
    presencePenalty: number(params, 'presence_penalty', -100, 100),
    seed: integer(params, 'seed', 0, Number.MAX_SAFE_INTEGER),
    stop: stopStrings(params.stop),
    logitBias: logitBias(params.logit_bias),
    ...answerFormat(params),
  };
}

/** The options of the stream, undefined where the answer is to come as a whole. */
export function streamOptions(params: SamplingParams): StreamOptions | undefined {
  const options = params.stream_options;
  if (isOn(params, 'stream')) return options ?? {};
  if (options) throw invalid(`stream_options is ${shown(options)}, and stream is not true; leave it out`);
  return undefined;
}

/** Whether a switch of the request is true; it may be left out. */
export function isOn<Name extends string>(params: { readonly [name in Name]?: unknown }, name: Name): boolean {
  const value = params[name] ?? false;
  if (typeof value === 'boolean') return value;
  throw invalid(`${name} is ${shown(value)}; it must be true or false`);
}

/** The field as a whole number in the range, undefined if it is left out. */
export function integer<Name extends string>(
  params: { readonly [name in Name]?: unknown },
  name: Name,
  min: number,
  max: number,
): number | undefined {
  const value = number(params, name, min, max);
  if (value === undefined || Number.isInteger(value)) return value;
  throw invalid(`${name} is ${value}; allowed is a whole number from ${min} to ${max}`);
}

function number<Name extends string>(
  params: { readonly [name in Name]?: unknown },
  name: Name,
  min: number,
  max: number,
): number | undefined {
  const value = params[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && value >= min && value <= max) return value;
  throw invalid(`${name} is ${shown(value)}; allowed is a number from ${min} to ${max}`);
}

function stopStrings(stop: SamplingParams['stop']): readonly string[] | undefined {
  if (stop === undefined || stop === null) return undefined;
  const list: readonly unknown[] = typeof stop === 'string' ? [stop] : stop;
  if (Array.isArray(list) && list.every((text) => typeof text === 'string' && text !== '')) return list.map(String);
  throw invalid(`stop is ${shown(stop)}; allowed is a string, or an array of strings, that is not empty`);
}

function logitBias(bias: SamplingParams['logit_bias']): Record<number, number> | undefined {
  if (bias === undefined || bias === null) return undefined;
  if (!isRecord(bias)) throw invalid(`logit_bias is ${shown(bias)}; it must be an object of numbers by token id`);
  for (const [token, value] of Object.entries(bias)) {
    if (!/^\d+$/.test(token)) throw invalid(`logit_bias has the key "${token}"; keys are token ids`);
    if (typeof value === 'number' && value >= -100 && value <= 100) continue;
    throw invalid(`logit_bias of the token ${token} is ${shown(value)}; allowed is a number from -100 to 100`);
  }
  return { ...bias };
}
