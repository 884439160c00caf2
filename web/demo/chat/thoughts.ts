import { make } from '../ui/dom.js';
import * as format from '../ui/format.js';

const during = 'Thinking …';

/** What a model thinks before it answers: open while it does, closed after. */
export class Thoughts {
  readonly element: HTMLDetailsElement;
  readonly #title = make('summary', '');
  readonly #text = make('div', 'thought');
  readonly #begin = performance.now();

  constructor() {
    this.element = make('details', 'thoughts', this.#title, this.#text);
  }

  append(text: string): void {
    if (this.#title.textContent === '') {
      this.#title.textContent = during;
      this.element.open = true;
    }
    this.#text.append(text);
  }

  /** How long it took, in milliseconds; 0 where it had ended already. */
  end(): number {
    if (this.#title.textContent !== during) return 0;
    const ms = performance.now() - this.#begin;
    this.#close(ms);
    return ms;
  }

  /** A thought of an earlier answer. */
  static of(text: string, ms: number): Thoughts {
    const thoughts = new Thoughts();
    thoughts.#text.append(text);
    thoughts.#close(ms);
    return thoughts;
  }

  #close(ms: number): void {
    this.element.open = false;
    this.#title.textContent = `Thought for ${format.duration(ms / 1000)}`;
  }
}
