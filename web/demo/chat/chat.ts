import type { Summary } from './answer.js';
import { loadMarkdown } from './answer_text.js';
import { Composer } from './composer.js';
import { follow, prepareFollow, toEnd } from './follow.js';
import { ModelTurnView } from './model_view.js';
import { run } from './run.js';
import { UserTurnView } from './user_view.js';
import {
  addModelTurn,
  addUserTurn,
  newConversation,
  showBranch,
  shownTurns,
  siblings,
} from '../conversations/conversation.js';
import type { Conversation, ModelTurn, Turn, UserTurn } from '../conversations/conversation.js';
import { endsModel, explainAnswer, isAboutTools, isTooLong } from '../explain.js';
import type { Talker } from '../models/talker.js';
import { problemNotice } from '../models/problem.js';
import type { Way } from '../models/problem.js';
import type { AnswerSettings } from '../settings.js';
import { isJson } from '../tools/structure.js';
import type { Structure } from '../tools/structure.js';
import type { Tool } from '../tools/toolbox.js';
import { announce, button, element, make } from '../ui/dom.js';

export interface ChatSurroundings {
  readonly settings: () => AnswerSettings;
  readonly tools: () => readonly Tool[];
  readonly structure: () => Structure;
  readonly onWithoutTools: () => void;
  /** A message waits for a model. */
  readonly onModelWanted: () => void;
  /** The model does not answer any more. */
  readonly onModelLost: () => void;
  /** The conversation is to be kept as it is now. */
  readonly onChanged: (conversation: Conversation) => void;
  readonly onSpeed: (tokensPerSecond: number) => void;
  /** After each answer, also one that was stopped. */
  readonly onAnswered: (summary: Summary) => void;
  /** Another conversation, or its first turn, is shown. */
  readonly onShown: (conversation: Conversation) => void;
}

type TurnView = UserTurnView | ModelTurnView;

interface Running {
  readonly controller: AbortController;
  readonly conversation: Conversation;
  readonly turn: ModelTurn;
  readonly view: ModelTurnView;
}

const log = element('log', HTMLElement);
const blank = element('blank', HTMLElement);

// What is being written is kept so often, for the case that the page goes away.
const keepEveryMs = 2000;

/** The conversation that is shown. It outlasts the model. */
export class Chat {
  readonly #around: ChatSurroundings;
  readonly #composer: Composer;
  #conversation = newConversation();
  #views = new Map<number, TurnView>();
  #model: Talker | undefined;
  #running: Running | undefined;
  #isComing = false;
  /** A question of this conversation that waits for a model. */
  #waiting: UserTurn | undefined;
  /** Below the last turn: why it has no answer. */
  #failure: HTMLElement | undefined;

  constructor(around: ChatSurroundings) {
    this.#around = around;
    this.#composer = new Composer({
      onSend: (text) => this.ask(text),
      onStop: () => {
        this.stop();
      },
      onEditLast: () => {
        this.#editLast();
      },
    });
    prepareFollow();
    this.#showState();
    document.addEventListener('visibilitychange', () => {
      // The page may never come back.
      if (document.hidden && this.#running) around.onChanged(this.#running.conversation);
    });
  }

  get conversation(): Conversation {
    return this.#conversation;
  }

  isAnswering(conversation: Conversation): boolean {
    return this.#running?.conversation === conversation;
  }

  /** The model that answers from now on; undefined while there is none. `isComing`: whether one is being loaded. */
  use(model: Talker | undefined, isComing: boolean): void {
    if (this.#model !== model) this.#running?.controller.abort();
    this.#model = model;
    this.#isComing = isComing;
    this.#showState();
    const question = this.#waiting;
    if (model && question) this.#request(question);
  }

  /** Has the last question answered that was not. */
  resume(): void {
    const { turns, head } = this.#conversation;
    const last = turns[head];
    if (last?.role === 'user') this.#request(last);
  }

  /** Shows another conversation; an answer that is being written goes on in its own. */
  open(conversation: Conversation): void {
    this.#conversation = conversation;
    this.#views = new Map();
    const running = this.#running;
    if (running?.conversation === conversation) this.#views.set(running.turn.id, running.view);
    this.#failure = undefined;
    this.#waiting = undefined;
    this.#render();
    this.#showState();
    toEnd();
  }

  focus(): void {
    this.#composer.focus();
  }

  stop(): void {
    this.#running?.controller.abort();
    if (!this.#waiting) return;
    this.#waiting = undefined;
    this.#render();
    this.#showState();
  }

  /** False where it cannot be asked now. */
  ask(text: string): boolean {
    if (this.#running) return false;
    const conversation = this.#conversation;
    const last = conversation.turns[conversation.head];
    // Templates want turns to alternate: a question without an answer is asked in other words.
    const parent = last?.role === 'user' ? last.parent : conversation.head;
    this.#askAt(parent, text);
    return true;
  }

  #askAt(parent: number, text: string): void {
    if (this.#running) return;
    this.#failure = undefined;
    const question = addUserTurn(this.#conversation, parent, text);
    this.#around.onChanged(this.#conversation);
    this.#around.onShown(this.#conversation);
    this.#render();
    this.#request(question);
  }

  // Now, or as soon as there is a model.
  #request(question: UserTurn): void {
    if (this.#running) return;
    this.#failure = undefined;
    this.#waiting = undefined;
    if (this.#model) {
      this.#answer(this.#model, question);
      return;
    }
    this.#waiting = question;
    this.#render();
    this.#showState();
    toEnd();
    this.#around.onModelWanted();
  }

  #answer(model: Talker, question: UserTurn): void {
    const conversation = this.#conversation;
    const before = pathTo(conversation, question);
    const turn = addModelTurn(conversation, question.id, model.name);
    const structure = this.#around.structure();
    if (isJson(structure)) turn.isJson = true;
    const view = this.#viewOf(turn);
    if (!(view instanceof ModelTurnView)) return;
    const controller = new AbortController();
    const running: Running = { controller, conversation, turn, view };
    this.#running = running;
    view.isBusy = true;
    view.bar.facts = 'Reading the conversation …';
    this.#render();
    this.#showState();
    toEnd();
    announce('The model is answering');
    this.#around.onShown(conversation);

    let kept = performance.now();
    const work = run({
      model,
      conversation: conversation.id,
      before,
      turn,
      view,
      settings: this.#around.settings(),
      // A form leaves no place for calls.
      tools: structure.kind === 'text' ? this.#around.tools() : [],
      structure,
      signal: controller.signal,
      onGrown: () => {
        if (performance.now() - kept < keepEveryMs) return;
        kept = performance.now();
        this.#around.onChanged(conversation);
      },
      onSpeed: this.#around.onSpeed,
      onAnswered: this.#around.onAnswered,
    });
    // What shows it is loaded beside it.
    void Promise.allSettled([work, loadMarkdown()]).then(([result]) => {
      view.finish();
      this.#running = undefined;
      // A model may be given up while it answers.
      const error: unknown = result.status === 'rejected' && !controller.signal.aborted ? result.reason : undefined;
      if (error === undefined) announce(turn.ending === 'stopped' ? 'Stopped' : 'The answer is complete');
      else this.#fail(running, question, error);
      this.#around.onChanged(conversation);
      this.#showState();
      follow();
    });
  }

  #fail({ conversation, turn }: Running, question: UserTurn, error: unknown): void {
    const said = turn.steps.some(({ text, reasoning, calls }) => text !== '' || reasoning !== '' || calls.length > 0);
    if (!said && turn.id === conversation.turns.length - 1) {
      conversation.turns.pop();
      conversation.head = question.id;
      this.#views.delete(turn.id);
    }
    if (endsModel(error)) this.#around.onModelLost();
    if (conversation !== this.#conversation) return;
    this.#failure = problemNotice(explainAnswer(error), this.#waysOn(question, error));
    this.#render();
    if (isTooLong(error) && this.#composer.text === '') this.#composer.text = question.text;
  }

  #waysOn(question: UserTurn, error: unknown): Way[] {
    const again = (): void => {
      this.#request(question);
    };
    if (isTooLong(error)) return [];
    if (endsModel(error)) return [{ name: 'Load the model again', onChosen: again }];
    const retry = { name: 'Try again', onChosen: again };
    if (!isAboutTools(error)) return [retry];
    const without = (): void => {
      this.#around.onWithoutTools();
      again();
    };
    return [{ name: 'Go on without tools', onChosen: without }, retry];
  }

  #retry(turn: ModelTurn): void {
    const question = this.#conversation.turns[turn.parent];
    if (question?.role === 'user') this.#request(question);
  }

  #editLast(): void {
    const question = shownTurns(this.#conversation).findLast(({ role }) => role === 'user');
    const view = question && this.#views.get(question.id);
    if (view instanceof UserTurnView && !this.#running) view.edit();
  }

  #viewOf(turn: Turn): TurnView {
    const known = this.#views.get(turn.id);
    if (known) return known;
    const view =
      turn.role === 'user'
        ? new UserTurnView(turn, (text) => {
            this.#askAt(turn.parent, text);
          })
        : new ModelTurnView(turn, {
            onRetry: () => {
              this.#retry(turn);
            },
            onShown: follow,
          });
    this.#views.set(turn.id, view);
    return view;
  }

  #render(): void {
    const conversation = this.#conversation;
    const turns = shownTurns(conversation);
    const views = turns.map((turn) => this.#viewOf(turn));
    for (const [at, turn] of turns.entries()) {
      const versions = siblings(conversation, turn);
      views[at]?.bar.showVersions({
        index: versions.indexOf(turn),
        count: versions.length,
        onChosen: (index) => {
          const version = versions[index];
          if (version && !this.#running) this.#showVersion(version);
        },
      });
    }
    log.replaceChildren(...views.map(({ element }) => element));
    if (this.#failure) log.append(this.#failure);
    else if (turns.at(-1)?.role === 'user') log.append(this.#unanswered());
    blank.hidden = turns.length > 0;
  }

  // A question whose answer was not begun: while a model is loaded, or after the page was left.
  #unanswered(): HTMLElement {
    if (this.#waiting) return make('p', 'turn-note', 'Waits for the model.');
    const ask = button('Answer', () => {
      this.resume();
    });
    return make('div', 'turn-note', make('p', '', 'Not answered yet.'), ask);
  }

  #showVersion(turn: Turn): void {
    this.#failure = undefined;
    showBranch(this.#conversation, turn);
    this.#render();
    this.#around.onChanged(this.#conversation);
    // The button that was pressed was made anew.
    const button = this.#viewOf(turn).bar.element.querySelector<HTMLButtonElement>('.versions button:not(:disabled)');
    button?.focus();
  }

  #showState(): void {
    const running = this.#running;
    const isWaiting = this.#waiting !== undefined && this.#isComing;
    this.#composer.isAnswering = running !== undefined || isWaiting;
    const elsewhere = running !== undefined && running.conversation !== this.#conversation;
    this.#composer.placeholder = elsewhere
      ? `Answering in “${running.conversation.title}” …`
      : isWaiting
        ? 'Waiting for the model …'
        : 'Message';
  }
}

function pathTo(conversation: Conversation, turn: Turn): Turn[] {
  return shownTurns({ ...conversation, head: turn.id });
}
