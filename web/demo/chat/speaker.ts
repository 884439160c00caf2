import { element, make } from '../ui/dom.js';

const region = element('spoken', HTMLElement);

// Between two things that are said, so that a reader keeps up.
const pauseMs = 2500;

/** Tells an answer to those who hear the page: in whole sentences, while it is written, one thing after another. */
export class Speaker {
  #waiting = '';
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    region.replaceChildren();
  }

  add(text: string): void {
    this.#waiting += text;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const length = sentencesIn(this.#waiting);
      this.#say(length);
      if (this.#waiting !== '') this.add('');
    }, pauseMs);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#say(this.#waiting.length);
  }

  #say(length: number): void {
    const text = spoken(this.#waiting.slice(0, length));
    this.#waiting = this.#waiting.slice(length);
    if (text !== '') region.append(make('p', '', text));
  }
}

/** Up to the end of the last sentence or line. */
function sentencesIn(text: string): number {
  const ends = [...text.matchAll(/[.!?。！？]["”’)]?\s|\n/g)];
  const last = ends.at(-1);
  return last ? last.index + last[0].length : 0;
}

/** Without the marks of Markdown. */
function spoken(text: string): string {
  return text
    .replace(/^[ \t]*(?:#{1,6}|[-*+>]|```.*)(?=\s|$)/gm, '')
    .replace(/[*_`|]+/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}
