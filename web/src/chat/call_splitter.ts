import { CallScanner } from './call_scanner.js';
import { partOfMark } from './marks.js';

/** How models write calls. `open` and `close` stand around one, or in front of a list. */
export interface CallFormat {
  /** What calls begin with. */
  readonly open: string;
  readonly close?: string;
  /** Calls are all that the answer is, and may lack the opening. */
  readonly bare?: boolean;
}

/** Nous Research's Hermes, Qwen and chord-tiny; Mistral; Llama 3. */
export const callFormats = {
  hermes: { open: '<tool_call>', close: '</tool_call>' },
  mistral: { open: '[TOOL_CALLS]' },
  llama3: { open: '<|python_tag|>', bare: true },
} as const satisfies Record<string, CallFormat>;

/** A piece of an answer: text, or a part of a call. */
export type CallPart =
  | { readonly kind: 'content'; readonly text: string }
  /** `name`: in the first part of a call. The arguments of all its parts together are JSON. */
  | { readonly kind: 'call'; readonly index: number; readonly name?: string; readonly arguments: string };

// What stands between the calls of a list.
function withoutSeparators(text: string): string {
  return text.replace(/^[\s,;[\]]+/, '');
}

/**
 * Parts an answer that comes in pieces into text and calls. What turns out not to be a call is text. White space between
 * text and calls is dropped.
 */
export class CallSplitter {
  readonly #format: CallFormat;
  readonly #names: ReadonlySet<string>;
  #phase: 'beginning' | 'content' | 'calls' = 'beginning';
  #held = '';
  // What was read of an opening, and of a call whose name is not known: given out if it is none.
  #unsure = '';
  #scanner: CallScanner | undefined;
  /** Whether the call that is being read has been given out. */
  #isGiven = false;
  #calls = 0;

  /** `names`: of the functions that may be called. */
  constructor(format: CallFormat, names: Iterable<string>) {
    this.#format = format;
    this.#names = new Set(names);
  }

  get format(): CallFormat {
    return this.#format;
  }

  /** What stands around calls. */
  get marks(): readonly string[] {
    const { open, close } = this.#format;
    return close === undefined ? [open] : [open, close];
  }

  /** How many calls there are so far. */
  get calls(): number {
    return this.#calls;
  }

  push(piece: string): CallPart[] {
    this.#held += piece;
    const out: CallPart[] = [];
    while (this.#advance(out));
    return out;
  }

  /** The text has ended: gives out what was held back. */
  end(): CallPart[] {
    const text = this.#unsure + this.#held;
    this.#unsure = this.#held = '';
    const isLeftOver = this.#calls > 0 && (this.#phase === 'calls' ? withoutSeparators(text) : text.trim()) === '';
    return text === '' || isLeftOver ? [] : [{ kind: 'content', text }];
  }

  // Takes one decision; false: there is nothing more to decide without another piece.
  #advance(out: CallPart[]): boolean {
    switch (this.#phase) {
      case 'beginning':
        return this.#begin();
      case 'content':
        return this.#content(out);
      case 'calls':
        return this.#scanner ? this.#scan(this.#scanner, out) : this.#between(out);
    }
  }

  #begin(): boolean {
    const begin = this.#held.trimStart();
    if (begin === '') return false;
    this.#phase = this.#format.bare && begin.startsWith('{') ? 'calls' : 'content';
    return true;
  }

  #content(out: CallPart[]): boolean {
    const { open } = this.#format;
    const at = this.#held.indexOf(open);
    const end = at >= 0 ? at : this.#held.length - partOfMark(this.#held, open);
    const text = this.#held.slice(0, end).trimEnd();
    if (text !== '') out.push({ kind: 'content', text });
    if (at < 0) {
      this.#held = this.#held.slice(text.length);
      return false;
    }
    this.#unsure = this.#held.slice(text.length, at + open.length);
    this.#held = this.#held.slice(at + open.length);
    this.#phase = 'calls';
    return true;
  }

  // After an opening, or a call.
  #between(out: CallPart[]): boolean {
    const { close } = this.#format;
    const next = withoutSeparators(this.#held);
    if (next === '' || (close?.startsWith(next) && next !== close)) return false;
    if (close !== undefined && next.startsWith(close)) {
      this.#held = next.slice(close.length);
      this.#unsure = '';
      this.#phase = 'content';
    } else if (next.startsWith('{')) {
      this.#unsure += this.#held.slice(0, this.#held.length - next.length);
      this.#held = next;
      this.#scanner = new CallScanner();
      this.#isGiven = false;
    } else {
      this.#giveBack(out);
    }
    return true;
  }

  #scan(scanner: CallScanner, out: CallPart[]): boolean {
    let at = 0;
    while (at < this.#held.length && !scanner.done && !scanner.failed) scanner.push(this.#held.charAt(at++));
    this.#unsure += this.#held.slice(0, at);
    this.#held = this.#held.slice(at);
    // An answer that is an object with a name may be no call.
    if (scanner.name !== undefined && (!this.#format.bare || this.#names.has(scanner.name))) {
      this.#give(scanner.name, scanner.take(), out);
    }
    if (!scanner.done && !scanner.failed) return false;
    this.#scanner = undefined;
    if (!this.#isGiven) this.#giveBack(out);
    return true;
  }

  #give(name: string, text: string, out: CallPart[]): void {
    if (!this.#isGiven) out.push({ kind: 'call', index: this.#calls++, name, arguments: text });
    else if (text !== '') out.push({ kind: 'call', index: this.#calls - 1, arguments: text });
    this.#isGiven = true;
    this.#unsure = '';
  }

  // It was no call after all.
  #giveBack(out: CallPart[]): void {
    if (this.#unsure !== '') out.push({ kind: 'content', text: this.#unsure });
    this.#unsure = '';
    this.#phase = 'content';
  }
}
