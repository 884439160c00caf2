import type { Piece } from '../engine/types.js';
import type { ChatCompletionTokenLogprob, TopLogprob } from './openai.js';

const decoder = new TextDecoder();

/** A piece's log-probabilities in OpenAI's shape; the piece has them. */
export function tokenLogprob({ bytes = [], logprob = 0, topLogprobs = [] }: Piece): ChatCompletionTokenLogprob {
  return { ...entry(bytes, logprob), top_logprobs: topLogprobs.map((top) => entry(top.bytes, top.logprob)) };
}

// A token that is part of a character has no text of its own.
function entry(bytes: readonly number[], logprob: number): TopLogprob {
  return { token: decoder.decode(Uint8Array.from(bytes)), logprob, bytes: [...bytes] };
}
