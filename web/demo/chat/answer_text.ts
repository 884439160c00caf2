import type * as Markdown from '../markdown/view.js';
import { make } from '../ui/dom.js';

let markdown: typeof Markdown | undefined;

/** Loads what shows Markdown, with the first answer. */
export async function loadMarkdown(): Promise<typeof Markdown> {
  markdown ??= await import('../markdown/view.js');
  return markdown;
}

/** What a model wrote, as it comes. */
export class AnswerText {
  readonly element = make('div', 'text');
  readonly #onShown: () => void;
  #view: Markdown.MarkdownView | undefined;
  #waiting = '';
  #isEnded = false;

  constructor(onShown: () => void) {
    this.#onShown = onShown;
    if (markdown) this.#view = new markdown.MarkdownView(this.element, onShown);
    else loadMarkdown().then(this.#begin, this.#showPlain);
  }

  append(text: string): void {
    if (this.#view) this.#view.append(text);
    else this.#waiting += text;
  }

  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#view?.end();
  }

  readonly #begin = ({ MarkdownView }: typeof Markdown): void => {
    this.#view = new MarkdownView(this.element, this.#onShown);
    this.#view.append(this.#waiting);
    if (this.#isEnded) this.#view.end();
  };

  // The script could not be had: the text as it is.
  readonly #showPlain = (): void => {
    this.element.textContent = this.#waiting;
  };
}
