import type { Generation, Piece } from '../engine/types.js';
import type { CallPart, CallSplitter } from './call_splitter.js';
import type { ChatCompletionTokenLogprob } from './openai.js';
import { ReasoningSplitter } from './reasoning.js';
import type { SplitText } from './reasoning.js';
import { tokenLogprob } from './token_logprob.js';

/** A piece of an answer, and the tokens of its content, where they are asked for. */
export type AnswerPart = (SplitText | CallPart) & { readonly logprobs: ChatCompletionTokenLogprob[] };

export interface AnswerForm {
  /** Whether the prompt opened the reasoning. */
  readonly open: boolean;
  /** Marks that generated texts leave out, by token. */
  readonly hidden: ReadonlyMap<number, string>;
  /** Finds calls, where there are functions. */
  readonly calls: CallSplitter | undefined;
  /** Whether log-probabilities are wanted. */
  readonly logprobs: boolean;
}

/**
 * Reads a generation as reasoning, calls and answer. Log-probabilities are given for the tokens of the answer alone; a
 * token with the end of the reasoning's mark and the beginning of the answer counts as one of the answer.
 */
export class AnswerReader {
  readonly #form: AnswerForm;
  readonly #splitter: ReasoningSplitter;
  // Tokens of which it is not known where they belong, or whose text is still to come.
  #pending: Piece[] = [];
  #reasoningTokens = 0;

  constructor(form: AnswerForm) {
    this.#form = form;
    this.#splitter = new ReasoningSplitter(form.open);
  }

  /** Tokens of the reasoning and its marks so far. */
  get reasoningTokens(): number {
    return this.#reasoningTokens;
  }

  get hasCalls(): boolean {
    return (this.#form.calls?.calls ?? 0) > 0;
  }

  async *read(generation: Generation): AsyncGenerator<AnswerPart> {
    const { hidden, calls } = this.#form;
    for await (const piece of generation) {
      if (piece.token >= 0) this.#pending.push(piece);
      const text = piece.text + (hidden.get(piece.token) ?? '');
      // A token without text belongs to that which follows.
      if (text !== '') yield* this.#parts(this.#splitter.push(text));
    }
    yield* this.#parts(this.#splitter.end());
    yield* this.#withTokens(calls?.end() ?? []);
  }

  *#parts(texts: readonly SplitText[]): Generator<AnswerPart> {
    const { phase } = this.#splitter;
    if (phase === 'reasoning' || phase === 'after') {
      this.#reasoningTokens += this.#pending.length;
      this.#pending = [];
    }
    const { calls } = this.#form;
    for (const part of texts) {
      yield* this.#withTokens(part.kind === 'content' && calls ? calls.push(part.text) : [part]);
    }
  }

  *#withTokens(parts: readonly (SplitText | CallPart)[]): Generator<AnswerPart> {
    for (const part of parts) {
      const tokens = part.kind === 'reasoning' ? [] : this.#pending;
      if (part.kind !== 'reasoning') this.#pending = [];
      const wanted = this.#form.logprobs && part.kind === 'content';
      yield { ...part, logprobs: wanted ? tokens.map(tokenLogprob) : [] };
    }
  }
}
