import { iconButton, make } from '../ui/dom.js';

export interface Versions {
  /** Which of them this turn is, from 0. */
  readonly index: number;
  readonly count: number;
  readonly onChosen: (index: number) => void;
}

/** The row below a turn: what can be done with it, its other versions, and what is to be told of it. */
export class TurnBar {
  readonly element = make('div', 'turn-bar');
  readonly #versions = make('div', 'versions');
  readonly #facts = make('p', 'meta');

  constructor(buttons: readonly HTMLButtonElement[]) {
    this.element.append(make('div', 'turn-actions', ...buttons), this.#versions, this.#facts);
    this.#versions.hidden = true;
  }

  set facts(text: string) {
    this.#facts.textContent = text;
  }

  showVersions({ index, count, onChosen }: Versions): void {
    this.#versions.hidden = count < 2;
    if (count < 2) return;
    const before = iconButton('left', 'The version before', () => {
      onChosen(index - 1);
    });
    const after = iconButton('right', 'The next version', () => {
      onChosen(index + 1);
    });
    before.disabled = index === 0;
    after.disabled = index === count - 1;
    const place = make('span', '', `${index + 1}/${count}`);
    place.setAttribute('aria-label', `Version ${index + 1} of ${count}`);
    place.setAttribute('role', 'img');
    this.#versions.replaceChildren(before, place, after);
  }
}
