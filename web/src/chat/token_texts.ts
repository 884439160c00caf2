import type { Engine, Piece, TokenLogprob } from '../engine/types.js';
import type { ChatCompletionTokenLogprob, TopLogprob } from './openai.js';

/** Log-probabilities of pieces with the texts of their tokens. */
export class TokenTexts {
  readonly #engine: Pick<Engine, 'detokenize'>;
  readonly #encoder = new TextEncoder();
  readonly #known = new Map<number, string>();

  constructor(engine: Pick<Engine, 'detokenize'>) {
    this.#engine = engine;
  }

  async describe({ token, logprob, topLogprobs = [] }: Piece): Promise<ChatCompletionTokenLogprob> {
    for (const top of topLogprobs) this.#known.set(top.token, top.text);
    const text = this.#known.get(token) ?? (await this.#engine.detokenize([token], { special: true }));
    this.#known.set(token, text);
    const chosen = this.#entry({ token, text, logprob: logprob ?? 0 });
    return { ...chosen, top_logprobs: topLogprobs.map((top) => this.#entry(top)) };
  }

  #entry({ text, logprob }: TokenLogprob): TopLogprob {
    // A token that is part of a character has no text of its own.
    const bytes = text.includes('\ufffd') ? null : Array.from(this.#encoder.encode(text));
    return { token: text, logprob, bytes };
  }
}
