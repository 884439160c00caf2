import { AnswerText } from './answer_text.js';
import { CallCard } from './call_card.js';
import { Thoughts } from './thoughts.js';
import { TurnBar } from './turn_bar.js';
import { textOf } from '../conversations/conversation.js';
import type { Call, ModelTurn, Step } from '../conversations/conversation.js';
import { copy } from '../ui/clipboard.js';
import { iconButton, make } from '../ui/dom.js';
import * as format from '../ui/format.js';
import { prettyJson } from '../ui/values.js';

export interface ModelViewHooks {
  readonly onRetry: () => void;
  /** Something was added to the page. */
  readonly onShown: () => void;
}

const endings = {
  stop: '',
  length: 'as long as the settings allow',
  context: 'the context is full',
  stopped: 'stopped',
};

const jsonFence = '```json\n';

/** An answer: thoughts, texts, and calls, step by step. */
export class ModelTurnView {
  readonly element: HTMLElement;
  readonly bar: TurnBar;
  readonly #turn: ModelTurn;
  readonly #hooks: ModelViewHooks;
  readonly #steps = make('div', 'steps');
  #step: StepView;

  constructor(turn: ModelTurn, hooks: ModelViewHooks) {
    this.#turn = turn;
    this.#hooks = hooks;
    const copier = iconButton('copy', 'Copy the answer', () => {
      void copy(textOf(turn), copier);
    });
    this.bar = new TurnBar([copier, iconButton('retry', 'Answer again', hooks.onRetry)]);
    const name = make('h3', 'visually-hidden', turn.model || 'The model');
    this.element = make('article', 'turn model', name, this.#steps, this.bar.element);
    this.#step = this.#newStep();
    for (const [index, step] of turn.steps.entries()) {
      if (index > 0) this.beginStep();
      this.#step.showAll(step);
    }
    this.bar.facts = describe(turn);
  }

  /** While it is being written. */
  set isBusy(isBusy: boolean) {
    // What is read aloud meanwhile is told apart.
    if (isBusy) this.element.setAttribute('aria-busy', 'true');
    else this.element.removeAttribute('aria-busy');
  }

  get step(): StepView {
    return this.#step;
  }

  beginStep(): void {
    this.#step = this.#newStep();
  }

  #newStep(): StepView {
    return new StepView(this.#steps, this.#turn.isJson === true, this.#hooks.onShown);
  }

  finish(): void {
    this.#step.end();
    this.isBusy = false;
    this.bar.facts = describe(this.#turn);
  }
}

/** What the model says in one go. */
export class StepView {
  readonly #into: HTMLElement;
  readonly #isJson: boolean;
  readonly #onShown: () => void;
  readonly #cards: CallCard[] = [];
  #thoughts: Thoughts | undefined;
  #text: AnswerText | undefined;
  /** Of a text that is JSON: as it was written. */
  #json = '';

  constructor(into: HTMLElement, isJson: boolean, onShown: () => void) {
    this.#into = into;
    this.#isJson = isJson;
    this.#onShown = onShown;
  }

  showAll({ reasoning, reasoningMs, text, calls }: Step): void {
    if (reasoning !== '') this.#into.append(Thoughts.of(reasoning, reasoningMs).element);
    if (text !== '') this.addContent(text);
    this.end();
    for (const call of calls) this.addCall(call);
  }

  addReasoning(text: string): void {
    if (!this.#thoughts) {
      this.#thoughts = new Thoughts();
      this.#into.append(this.#thoughts.element);
    }
    this.#thoughts.append(text);
    this.#onShown();
  }

  addContent(text: string): void {
    if (this.#isJson) this.#json += text;
    if (!this.#text) {
      this.#text = new AnswerText(this.#onShown);
      this.#into.append(this.#text.element);
      if (this.#isJson) this.#text.append(jsonFence);
    }
    this.#text.append(text);
  }

  addCall(call: Call): CallCard {
    const card = new CallCard(call);
    this.#into.append(card.element);
    this.#cards.push(card);
    this.#onShown();
    return card;
  }

  card(index: number): CallCard | undefined {
    return this.#cards[index];
  }

  /** How long the model thought, in milliseconds; 0 where that was told already. */
  endThoughts(): number {
    return this.#thoughts?.end() ?? 0;
  }

  end(): void {
    if (this.#text && this.#json !== '') this.#indent(this.#text);
    this.#text?.end();
  }

  // It may have been written in one line.
  #indent(written: AnswerText): void {
    const pretty = prettyJson(this.#json);
    this.#json = '';
    if (pretty === undefined) return;
    this.#text = new AnswerText(this.#onShown);
    this.#text.append(jsonFence + pretty);
    written.end();
    written.element.replaceWith(this.#text.element);
  }
}

function describe({ tokens, tokensPerSecond = 0, ending, leftOut = 0, form = '' }: ModelTurn): string {
  const parts = tokens === undefined ? [] : [format.tokens(tokens)];
  if (tokensPerSecond > 0) parts.push(format.speed(tokensPerSecond));
  if (endings[ending] !== '') parts.push(endings[ending]);
  if (form !== '') parts.push(form);
  if (leftOut > 0) parts.push('without the beginning of the conversation, which did not fit');
  return parts.join(' · ');
}
