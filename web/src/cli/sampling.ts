import type { GenerateOptions } from 'wasm-chord';
import { UsageError, wholeNumber } from './usage.js';

export const samplingUsage = `  --max-tokens N            tokens at most (to the context's end)
  --temperature X           0: the likeliest token each time (0.7)
  --top-p X                 1: all (0.9)
  --top-k N                 0: all (40)
  --min-p X                 0: all (0)
  --repetition-penalty X    1: none (1)
  --seed N                  the same seed gives the same text (another one each time)
  --stop TEXT               end before this text; may be repeated
  --prompt-lookup           compute ahead what followed the last words before; the same text, sooner if it repeats
`;

/** For `parse`. */
export const samplingOptions = {
  'max-tokens': { type: 'string' },
  temperature: { type: 'string' },
  'top-p': { type: 'string' },
  'top-k': { type: 'string' },
  'min-p': { type: 'string' },
  'repetition-penalty': { type: 'string' },
  seed: { type: 'string' },
  stop: { type: 'string', multiple: true },
  'prompt-lookup': { type: 'boolean', default: false },
} as const;

export interface SamplingValues {
  readonly 'max-tokens'?: string | undefined;
  readonly temperature?: string | undefined;
  readonly 'top-p'?: string | undefined;
  readonly 'top-k'?: string | undefined;
  readonly 'min-p'?: string | undefined;
  readonly 'repetition-penalty'?: string | undefined;
  readonly seed?: string | undefined;
  readonly stop?: readonly string[] | undefined;
  readonly 'prompt-lookup'?: boolean | undefined;
}

/** The options of `generate` that the command line gives; the engine knows their limits. */
export function generateOptions(values: SamplingValues): GenerateOptions {
  return {
    maxTokens: given(values['max-tokens'], (text) => wholeNumber('max-tokens', text, 1)),
    temperature: given(values.temperature, (text) => number('temperature', text)),
    topP: given(values['top-p'], (text) => number('top-p', text)),
    topK: given(values['top-k'], (text) => wholeNumber('top-k', text, 0)),
    minP: given(values['min-p'], (text) => number('min-p', text)),
    repetitionPenalty: given(values['repetition-penalty'], (text) => number('repetition-penalty', text)),
    seed: given(values.seed, (text) => wholeNumber('seed', text, 0)),
    stop: values.stop,
    speculation: values['prompt-lookup'] === true ? 'prompt-lookup' : 'none',
  };
}

function given<T>(text: string | undefined, read: (text: string) => T): T | undefined {
  return text === undefined ? undefined : read(text);
}

function number(name: string, text: string): number {
  if (/^\d*\.?\d+$/.test(text)) return Number(text);
  throw new UsageError(`--${name} cannot be '${text}'; it takes a number of at least 0`);
}
