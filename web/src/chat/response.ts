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

export function usageOf({ usage }: GenerationResult): CompletionUsage {
  return {
    prompt_tokens: usage.promptTokens,
    completion_tokens: usage.completionTokens,
    total_tokens: usage.promptTokens + usage.completionTokens,
    prompt_tokens_details: { cached_tokens: usage.reusedTokens },
  };
}

export function timingsOf({ timings }: GenerationResult): CompletionTimings {
  return {
    queued_ms: timings.queuedMs,
    first_token_ms: timings.firstTokenMs,
    prefill_tokens_per_second: timings.prefillTokensPerSecond,
    decode_tokens_per_second: timings.decodeTokensPerSecond,
  };
}
