import { ChordError } from '../errors.js';
import type { Engine, EngineInfo, GenerationResult } from '../engine/types.js';
import type { CompletionTimings, CompletionUsage, FinishReason } from './openai.js';

/** What every response, and every chunk of a stream, begins with. */
export interface Heading {
  id: string;
  created: number;
  model: string;
  system_fingerprint: string;
}

export function heading(prefix: string, { info }: Pick<Engine, 'info'>): Heading {
  return {
    id: `${prefix}-${randomId()}`,
    created: Math.floor(Date.now() / 1000),
    model: modelName(info),
    // The same seed gives the same text where these are the same.
    system_fingerprint: ['chord', info.device, info.variant, info.quantization].join('-'),
  };
}

/** What a model is called in answers. */
export function modelName({ name, architecture }: EngineInfo): string {
  return name === '' ? architecture : name;
}

// Not crypto.randomUUID, which an origin without TLS lacks.
function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(15));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function finishReason({ finishReason: reason }: GenerationResult): FinishReason {
  switch (reason) {
    case 'stop':
      return 'stop';
    case 'length':
    case 'context':
      return 'length';
    case 'cancelled':
      throw new ChordError('cancelled', 'the generation was stopped before its end');
  }
}

/** Of all answers to one prompt, which counts once. */
export function usageOf(results: readonly GenerationResult[]): CompletionUsage {
  const { promptTokens = 0, reusedTokens = 0 } = results[0]?.usage ?? {};
  const completionTokens = sum(results.map(({ usage }) => usage.completionTokens));
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: reusedTokens },
  };
}

export function timingsOf(results: readonly GenerationResult[]): CompletionTimings {
  const { queuedMs = 0, firstTokenMs = 0, prefillTokensPerSecond = 0 } = results[0]?.timings ?? {};
  const decoded = results
    .map(({ usage, timings }) => ({ tokens: usage.completionTokens - 1, speed: timings.decodeTokensPerSecond }))
    .filter(({ speed }) => speed > 0);
  const seconds = sum(decoded.map(({ tokens, speed }) => tokens / speed));
  return {
    queued_ms: queuedMs,
    first_token_ms: firstTokenMs,
    prefill_tokens_per_second: prefillTokensPerSecond,
    decode_tokens_per_second: seconds > 0 ? sum(decoded.map(({ tokens }) => tokens)) / seconds : 0,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
