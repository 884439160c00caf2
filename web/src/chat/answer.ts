import type { Generation, Piece } from '../engine/types.js';
import type { ChatCompletionTokenLogprob } from './openai.js';
import { ReasoningSplitter } from './reasoning.js';
import type { SplitText } from './reasoning.js';
import type { TokenTexts } from './token_texts.js';

/** A piece of an answer, and the tokens that it came from, where they are asked for. */
export interface AnswerPart extends SplitText {
  readonly logprobs: ChatCompletionTokenLogprob[];
}

/**
 * Reads a generation as reasoning and answer. Log-probabilities are given for the tokens of the answer alone; a token
 * with the end of the reasoning's mark and the beginning of the answer counts as one of the answer.
 */
export class AnswerReader {
  readonly #splitter: ReasoningSplitter;
  readonly #texts: TokenTexts | undefined;
  // Tokens of which it is not known where they belong, or whose text is still to come.
  #pending: Piece[] = [];
  #reasoningTokens = 0;

  /** `open`: the prompt opened the reasoning. `texts`: log-probabilities are wanted. */
  constructor(open: boolean, texts: TokenTexts | undefined) {
    this.#splitter = new ReasoningSplitter(open);
    this.#texts = texts;
  }

  /** Tokens of the reasoning and its marks so far. */
  get reasoningTokens(): number {
    return this.#reasoningTokens;
  }

  async *read(generation: Generation): AsyncGenerator<AnswerPart> {
    for await (const piece of generation) {
      if (piece.token >= 0) this.#pending.push(piece);
      // A token without text belongs to that which follows.
      if (piece.text !== '') yield* this.#parts(this.#splitter.push(piece.text));
    }
    yield* this.#parts(this.#splitter.end());
  }

  async *#parts(texts: readonly SplitText[]): AsyncGenerator<AnswerPart> {
    const { phase } = this.#splitter;
    if (phase === 'reasoning' || phase === 'after') {
      this.#reasoningTokens += this.#pending.length;
      this.#pending = [];
    }
    for (const text of texts) {
      const tokens = text.kind === 'content' ? this.#pending : [];
      if (text.kind === 'content') this.#pending = [];
      const describe = (piece: Piece): Promise<ChatCompletionTokenLogprob>[] => {
        return this.#texts ? [this.#texts.describe(piece)] : [];
      };
      yield { ...text, logprobs: await Promise.all(tokens.flatMap(describe)) };
    }
  }
}
