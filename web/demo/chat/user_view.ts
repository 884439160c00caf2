import { TurnBar } from './turn_bar.js';
import type { UserTurn } from '../conversations/conversation.js';
import { button, iconButton, make } from '../ui/dom.js';
import { copy } from '../ui/clipboard.js';

// Of a text that is shown in part at first.
const longLength = 1500;
const longLines = 20;

/** What the user asked; it can be asked in other words. */
export class UserTurnView {
  readonly element: HTMLElement;
  readonly bar: TurnBar;
  readonly #turn: UserTurn;
  readonly #text: HTMLElement;
  readonly #more: HTMLButtonElement;
  readonly #onEdited: (text: string) => void;

  constructor(turn: UserTurn, onEdited: (text: string) => void) {
    this.#turn = turn;
    this.#onEdited = onEdited;
    this.#text = make('div', 'text', turn.text);
    this.#more = button(
      '',
      () => {
        this.#showAll(this.#text.classList.contains('cut'));
      },
      'quiet',
    );
    this.#more.hidden = turn.text.length < longLength && turn.text.split('\n').length < longLines;
    this.#showAll(this.#more.hidden);
    const copier = iconButton('copy', 'Copy', () => {
      void copy(turn.text, copier);
    });
    const editor = iconButton('edit', 'Edit', () => {
      this.edit();
    });
    this.bar = new TurnBar([copier, editor]);
    const title = make('h3', 'visually-hidden', 'You');
    this.element = make('article', 'turn user', title, this.#text, this.#more, this.bar.element);
  }

  #showAll(isAll: boolean): void {
    this.#text.classList.toggle('cut', !isAll);
    this.#more.textContent = isAll ? 'Show less' : 'Show all';
    this.#more.setAttribute('aria-expanded', String(isAll));
  }

  edit(): void {
    if (!this.#text.isConnected) return;
    const field = make('textarea', '');
    field.value = this.#turn.text;
    field.setAttribute('aria-label', 'Your message, in other words');
    const send = make('button', 'primary', 'Ask anew');
    const end = (): void => {
      form.replaceWith(this.#text, this.#more);
      this.bar.element.hidden = false;
    };
    const cancel = button('Cancel', end);
    const form = make('form', 'edit', field, make('div', 'row', cancel, send));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const text = field.value.trim();
      end();
      if (text !== '' && text !== this.#turn.text) this.#onEdited(text);
    });
    form.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') end();
      else if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) form.requestSubmit();
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    this.#more.remove();
    this.#text.replaceWith(form);
    this.bar.element.hidden = true;
    field.rows = Math.min(12, this.#turn.text.split('\n').length + 1);
    field.focus();
  }
}
