import type { ChatMessage, Engine } from 'wasm-chord';
import { answer } from './answer.js';
import type { Summary } from './answer.js';
import { announce, button, element, make } from './dom.js';
import { endsModel, explainAnswer, isTooLong } from './explain.js';
import * as format from './format.js';
import type { Settings } from './settings.js';

export interface ChatSurroundings {
  readonly settings: () => Settings;
  /** After each answer, also one that was stopped. */
  readonly onAnswered: (summary: Summary) => void;
  /** Where the model has to be loaded again. */
  readonly onModelLost: () => void;
}

interface Turn {
  readonly role: 'user' | 'assistant';
  readonly content: string;
}

const view = {
  chat: element('chat', HTMLElement),
  scroller: element('scroller', HTMLElement),
  log: element('log', HTMLElement),
  blank: element('blank', HTMLElement),
  suggestions: element('suggestions', HTMLUListElement),
  form: element('ask', HTMLFormElement),
  prompt: element('prompt', HTMLTextAreaElement),
  send: element('send', HTMLButtonElement),
  stop: element('stop', HTMLButtonElement),
};

const suggestions = [
  'What is the capital of France?',
  'Tell me a story about a cat and a boat.',
  'What is the opposite of hot?',
];
const endings = {
  stop: '',
  length: 'as long as the settings allow',
  context: 'the context is full',
  stopped: 'stopped',
};

const tryAgain = 'Try again';
const loadAgain = 'Load the model again';

/** A conversation with the model that is loaded. It outlasts the model. */
export class Chat {
  readonly #around: ChatSurroundings;
  #turns: Turn[] = [];
  #engine: Engine | undefined;
  #running: AbortController | undefined;
  /** What the last turn failed with, until the next one. */
  #failure: { readonly row: HTMLElement; readonly retry: HTMLButtonElement } | undefined;

  constructor(around: ChatSurroundings) {
    this.#around = around;
    view.form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#send();
    });
    view.prompt.addEventListener('keydown', (event) => {
      // While a syllable is being composed, Enter belongs to that.
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#send();
    });
    view.prompt.addEventListener('input', () => {
      this.#showState();
    });
    view.stop.addEventListener('click', () => {
      this.stop();
    });
    view.suggestions.replaceChildren(
      ...suggestions.map((text) =>
        make(
          'li',
          '',
          button(text, () => {
            this.#ask(text);
          }),
        ),
      ),
    );
    this.#showState();
  }

  get isEmpty(): boolean {
    return this.#turns.length === 0;
  }

  /** The model that answers from now on; undefined while there is none. */
  use(engine: Engine | undefined): void {
    this.stop();
    this.#engine = engine;
    if (this.#failure) this.#failure.retry.textContent = engine ? tryAgain : loadAgain;
    this.#showState();
  }

  show(): void {
    view.chat.hidden = false;
    view.prompt.focus();
    this.#scrollDown();
  }

  hide(): void {
    view.chat.hidden = true;
  }

  stop(): void {
    this.#running?.abort();
  }

  clear(): void {
    this.stop();
    this.#turns = [];
    view.log.replaceChildren();
    this.#showState();
    view.prompt.focus();
    announce('A new chat');
  }

  #send(): void {
    const text = view.prompt.value.trim();
    if (text === '' || !this.#engine || this.#running) return;
    view.prompt.value = '';
    this.#ask(text);
  }

  #ask(text: string): void {
    if (!this.#engine || this.#running) return;
    // Templates want turns to alternate: one without an answer does not count.
    if (this.#turns.at(-1)?.role === 'user') this.#turns.pop();
    this.#turns.push({ role: 'user', content: text });
    view.log.append(make('article', 'turn user', make('h3', 'visually-hidden', 'You'), make('p', 'text', text)));
    this.#answer(this.#engine);
  }

  #answer(engine: Engine): void {
    const controller = new AbortController();
    this.#running = controller;
    this.#failure?.row.remove();
    this.#failure = undefined;
    const turns = this.#turns;
    const settings = this.#around.settings();
    const text = make('p', 'text');
    const meta = make('p', 'meta', 'Reading the conversation …');
    const name = make('h3', 'visually-hidden', engine.info.name || 'The model');
    const article = make('article', 'turn model', name, text, meta);
    // What is read aloud is the answer as a whole.
    article.setAttribute('aria-busy', 'true');
    view.log.append(article);
    this.#showState();
    this.#scrollDown();
    view.prompt.focus();
    announce('The model is answering');

    let content = '';
    const add = (to: HTMLElement, piece: string): void => {
      const follow = this.#isAtEnd();
      to.append(piece);
      if (follow) this.#scrollDown();
    };
    const thoughts = new Thoughts(text);
    const listener = {
      onReasoning: (piece: string) => {
        add(thoughts.text, piece);
      },
      onContent: (piece: string) => {
        thoughts.end();
        content += piece;
        add(text, piece);
      },
      onSpeed: (tokensPerSecond: number) => {
        meta.textContent = tokensPerSecond > 0 ? format.speed(tokensPerSecond) : 'Answering …';
      },
    };
    const finish = (): void => {
      thoughts.end();
      article.removeAttribute('aria-busy');
      if (this.#running === controller) this.#running = undefined;
      // What was said counts, also when it was cut short; unless a new chat has begun.
      if (content !== '') turns.push({ role: 'assistant', content });
      this.#showState();
    };
    answer(engine, messagesOf(settings.system, turns), settings, controller.signal, listener).then(
      (summary) => {
        finish();
        meta.textContent = describe(summary);
        announce(summary.ending === 'stopped' ? 'Stopped' : 'The answer is complete');
        this.#around.onAnswered(summary);
      },
      (error: unknown) => {
        finish();
        // A model may be given up while it answers.
        if (controller.signal.aborted) meta.textContent = endings.stopped;
        else this.#showFailure(article, meta, error);
      },
    );
  }

  #showFailure(article: HTMLElement, meta: HTMLElement, error: unknown): void {
    const { title, advice, detail } = explainAnswer(error);
    const lost = endsModel(error);
    const retry = button(lost ? loadAgain : tryAgain, () => {
      if (!this.#engine) {
        this.#around.onModelLost();
        return;
      }
      if (this.#turns.at(-1)?.role === 'assistant') this.#turns.pop();
      article.remove();
      this.#answer(this.#engine);
    });
    const fresh = button('New chat', () => {
      this.clear();
    });
    const row = make('div', 'row', ...(isTooLong(error) ? [] : [retry]), fresh);
    const notice = make(
      'div',
      'notice bad',
      make('h3', '', title),
      make('p', '', advice),
      make('p', 'detail', detail),
      row,
    );
    notice.setAttribute('role', 'alert');
    meta.replaceWith(notice);
    this.#failure = { row, retry };
    const asked = this.#turns.at(-1);
    if (isTooLong(error) && asked?.role === 'user' && view.prompt.value === '') view.prompt.value = asked.content;
    this.#showState();
    if (lost) this.use(undefined);
    this.#scrollDown();
  }

  #showState(): void {
    const answering = this.#running !== undefined;
    view.blank.hidden = !this.isEmpty;
    view.send.hidden = answering;
    view.stop.hidden = !answering;
    view.send.disabled = !this.#engine || view.prompt.value.trim() === '';
    view.prompt.placeholder = this.#engine ? 'Message' : 'Load a model to go on';
    // Grows with its text, where the browser does not see to it itself.
    view.prompt.style.height = 'auto';
    view.prompt.style.height = `${view.prompt.scrollHeight}px`;
  }

  #isAtEnd(): boolean {
    const { scrollTop, scrollHeight, clientHeight } = view.scroller;
    return scrollHeight - scrollTop - clientHeight < 40;
  }

  #scrollDown(): void {
    view.scroller.scrollTop = view.scroller.scrollHeight;
  }
}

function messagesOf(system: string, turns: readonly Turn[]): ChatMessage[] {
  return [...(system === '' ? [] : [{ role: 'system' as const, content: system }]), ...turns];
}

function describe({ counts, decodeTokensPerSecond, ending }: Summary): string {
  const parts = counts ? [format.tokens(counts.answerTokens)] : [];
  if (decodeTokensPerSecond > 0) parts.push(format.speed(decodeTokensPerSecond));
  if (endings[ending] !== '') parts.push(endings[ending]);
  return parts.join(' · ');
}

/** What a model thinks before it answers: open while it does, closed after. */
class Thoughts {
  readonly #before: HTMLElement;
  readonly #begin = performance.now();
  readonly #title = make('summary', '', 'Thinking …');
  #details: HTMLDetailsElement | undefined;

  constructor(before: HTMLElement) {
    this.#before = before;
  }

  get text(): HTMLElement {
    if (!this.#details) {
      this.#details = make('details', 'thoughts', this.#title, make('p', 'text'));
      this.#details.open = true;
      this.#before.before(this.#details);
    }
    return this.#details.querySelector('p') ?? this.#details;
  }

  end(): void {
    if (!this.#details?.open || this.#title.textContent !== 'Thinking …') return;
    this.#details.open = false;
    this.#title.textContent = `Thought for ${format.duration((performance.now() - this.#begin) / 1000)}`;
  }
}
