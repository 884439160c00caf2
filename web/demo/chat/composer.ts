import { element } from '../ui/dom.js';
import { readStored, store, visit } from '../ui/stored.js';

export interface ComposerHooks {
  /** A message is to be asked; false: not now. */
  readonly onSend: (text: string) => boolean;
  readonly onStop: () => void;
  /** The user wants the last question in other words. */
  readonly onEditLast: () => void;
}

const view = {
  form: element('ask', HTMLFormElement),
  prompt: element('prompt', HTMLTextAreaElement),
  send: element('send', HTMLButtonElement),
  stop: element('stop', HTMLButtonElement),
};

const draftKey = 'wasm-chord page: draft';

/** Where messages are written. What is not sent yet outlasts a reload. */
export class Composer {
  readonly #hooks: ComposerHooks;
  #isAnswering = false;

  constructor(hooks: ComposerHooks) {
    this.#hooks = hooks;
    view.form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#send();
    });
    view.prompt.addEventListener('keydown', (event) => {
      // While a syllable is being composed, keys belong to that.
      if (event.isComposing) return;
      if (event.key === 'Enter' && !event.shiftKey) this.#send();
      else if (event.key === 'ArrowUp' && view.prompt.value === '') this.#hooks.onEditLast();
      else return;
      event.preventDefault();
    });
    view.prompt.addEventListener('input', () => {
      this.#show();
    });
    view.stop.addEventListener('click', () => {
      this.#hooks.onStop();
    });
    const draft = readStored(visit, draftKey);
    if (typeof draft === 'string') view.prompt.value = draft;
    this.#show();
  }

  get text(): string {
    return view.prompt.value;
  }

  set text(text: string) {
    view.prompt.value = text;
    this.#show();
  }

  set placeholder(text: string) {
    view.prompt.placeholder = text;
  }

  set isAnswering(isAnswering: boolean) {
    // The button that had the focus goes, so the other gets it.
    const hadFocus = document.activeElement === view.send || document.activeElement === view.stop;
    this.#isAnswering = isAnswering;
    this.#show();
    if (hadFocus) view.prompt.focus();
  }

  focus(): void {
    view.prompt.focus();
  }

  #send(): void {
    const text = view.prompt.value.trim();
    if (text === '' || !this.#hooks.onSend(text)) return;
    this.text = '';
  }

  #show(): void {
    const { prompt, send, stop } = view;
    send.hidden = this.#isAnswering;
    stop.hidden = !this.#isAnswering;
    send.disabled = prompt.value.trim() === '';
    store(visit, draftKey, prompt.value === '' ? undefined : prompt.value);
    // Grows with its text, where the browser does not see to it itself.
    prompt.style.height = 'auto';
    prompt.style.height = `${prompt.scrollHeight}px`;
  }
}
