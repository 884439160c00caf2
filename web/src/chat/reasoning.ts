import { partOfMark } from './marks.js';

/** A piece of an answer, or of the reasoning before it. */
export interface SplitText {
  readonly kind: 'reasoning' | 'content';
  readonly text: string;
}

/** What the next character may belong to: `after` is the white space between the reasoning and the answer. */
export type Phase = 'beginning' | 'reasoning' | 'after' | 'content';

const openMark = '<think>';
const closeMark = '</think>';
export const reasoningMarks = [openMark, closeMark] as const;

/**
 * Parts a text that comes in pieces into the reasoning between `<think>` and `</think>` at its beginning, and the
 * answer after it. A mark may lie in one piece or over many; nothing of it is given out. White space at the borders of
 * the reasoning and before the answer goes with the marks. Later marks are part of the answer, and a text that does not
 * begin with one is an answer as a whole, unchanged. Without its end the reasoning lasts to the end of the text.
 */
export class ReasoningSplitter {
  #phase: Phase;
  // What is not decided yet: white space, and what may be the beginning of a mark.
  #held = '';
  #hasReasoning = false;

  /** `open`: the prompt ended in `<think>`, so that the text begins with reasoning. */
  constructor(open: boolean) {
    this.#phase = open ? 'reasoning' : 'beginning';
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** What the piece, and pieces held back before it, turn out to be. */
  push(piece: string): SplitText[] {
    this.#held += piece;
    const out: SplitText[] = [];
    while (this.#advance(out));
    return out;
  }

  /** The text has ended: gives out what was held back. */
  end(): SplitText[] {
    const rest = this.#held;
    this.#held = '';
    switch (this.#phase) {
      case 'beginning':
      case 'content':
        return rest === '' ? [] : [{ kind: 'content', text: rest }];
      case 'reasoning': {
        const text = this.#withoutBorders(rest);
        return text === '' ? [] : [{ kind: 'reasoning', text }];
      }
      case 'after':
        return [];
    }
  }

  // Takes one decision; false: there is nothing more to decide without another piece.
  #advance(out: SplitText[]): boolean {
    switch (this.#phase) {
      case 'beginning': {
        const begin = this.#held.trimStart();
        if (begin.startsWith(openMark)) {
          this.#held = begin.slice(openMark.length);
          this.#phase = 'reasoning';
          return true;
        }
        if (openMark.startsWith(begin)) return false;
        this.#phase = 'content';
        return true;
      }
      case 'reasoning':
        return this.#reason(out);
      case 'after': {
        this.#held = this.#held.trimStart();
        if (this.#held === '') return false;
        this.#phase = 'content';
        return true;
      }
      case 'content':
        if (this.#held !== '') out.push({ kind: 'content', text: this.#held });
        this.#held = '';
        return false;
    }
  }

  #reason(out: SplitText[]): boolean {
    const end = this.#held.indexOf(closeMark);
    const safe = end >= 0 ? end : this.#held.length - partOfMark(this.#held, closeMark);
    const text = this.#withoutBorders(this.#held.slice(0, safe));
    if (text !== '') {
      out.push({ kind: 'reasoning', text });
      this.#hasReasoning = true;
    }
    if (end >= 0) {
      this.#held = this.#held.slice(end + closeMark.length);
      this.#phase = 'after';
      return true;
    }
    const kept = this.#held.slice(0, safe).trimEnd().length;
    this.#held = this.#hasReasoning ? this.#held.slice(kept) : this.#held.trimStart();
    return false;
  }

  #withoutBorders(text: string): string {
    return this.#hasReasoning ? text.trimEnd() : text.trim();
  }
}

/** Whether a prompt leaves the model in the middle of reasoning: its template opened it. */
export function opensReasoning(prompt: string): boolean {
  return prompt.trimEnd().endsWith(openMark);
}
