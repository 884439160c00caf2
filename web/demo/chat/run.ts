import type { ChatMessage } from 'wasm-chord';
import { answer } from './answer.js';
import type { Listener, Summary } from './answer.js';
import { messagesOf } from './messages.js';
import type { ModelTurnView } from './model_view.js';
import { Speaker } from './speaker.js';
import { newStep, textOf } from '../conversations/conversation.js';
import type { ModelTurn, Step, Turn } from '../conversations/conversation.js';
import { isTooLong } from '../explain.js';
import type { Talker } from '../models/talker.js';
import type { AnswerSettings } from '../settings.js';
import { checkAnswer } from '../tools/structure.js';
import type { Structure } from '../tools/structure.js';
import { toRequest } from '../tools/toolbox.js';
import type { Tool } from '../tools/toolbox.js';
import * as format from '../ui/format.js';

// A model that calls on and on is stopped.
const mostSteps = 8;

export interface RunOptions {
  readonly model: Talker;
  /** The id of the conversation. */
  readonly conversation: string;
  /** What was said before the turn. */
  readonly before: readonly Turn[];
  readonly turn: ModelTurn;
  readonly view: ModelTurnView;
  readonly settings: AnswerSettings;
  readonly tools: readonly Tool[];
  readonly structure: Structure;
  readonly signal: AbortSignal;
  /** The turn has more in it than before. */
  readonly onGrown: () => void;
  readonly onSpeed: (tokensPerSecond: number) => void;
  /** After each step. */
  readonly onAnswered: (summary: Summary) => void;
}

/**
 * Has the model write the turn: step by step, as long as it calls functions. Rejects with what was in the way. What the
 * model holds of the conversation then is kept.
 */
export async function run(options: RunOptions): Promise<void> {
  const { model, conversation, before, turn, view, structure, onAnswered } = options;
  const speaker = new Speaker();
  try {
    for (;;) {
      const step = turn.steps.at(-1) ?? newStep();
      const done = turn.steps.slice(0, -1);
      const said = done.length > 0 ? [...before, { ...turn, steps: done }] : before;
      const summary = await answerWithin(said, options, listener(options, step, speaker));
      endStep(step, view);
      if (summary.counts) turn.tokens = (turn.tokens ?? 0) + summary.counts.answerTokens;
      turn.tokensPerSecond = summary.decodeTokensPerSecond;
      onAnswered(summary);
      if (summary.ending !== 'calls') {
        turn.ending = summary.ending;
        if (summary.counts) model.keep(conversation, summary.counts.promptTokens + summary.counts.answerTokens);
        break;
      }
      await runCalls(step, options);
      if (turn.steps.length === mostSteps) {
        turn.ending = 'length';
        break;
      }
      turn.steps.push(newStep());
      view.beginStep();
    }
  } finally {
    endStep(turn.steps.at(-1) ?? newStep(), view);
    if (structure.kind !== 'text') turn.form = checkAnswer(textOf(turn), structure, turn.ending === 'stop');
    speaker.end();
  }
}

/** Without the oldest turns where they leave no room for an answer; never without the last question. */
async function answerWithin(turns: readonly Turn[], options: RunOptions, listening: Listener): Promise<Summary> {
  const { model, conversation, turn, settings, structure, signal } = options;
  const tools = options.tools.map(toRequest);
  const question = turns.findLastIndex(({ role }) => role === 'user');
  for (let from = 0; ; from += 2) {
    const messages = messagesOf(settings.system, turns.slice(from));
    const isLast = from + 2 > question;
    if (!isLast && !signal.aborted && !(await hasRoom(messages, options))) continue;
    if (from > 0) turn.leftOut = from;
    try {
      return await answer(model, { conversation, messages, tools, structure, settings }, signal, listening);
    } catch (error) {
      // What fits a server's model is found out by asking.
      if (isLast || !isTooLong(error)) throw error;
    }
  }
}

async function hasRoom(messages: readonly ChatMessage[], { model, settings, tools }: RunOptions): Promise<boolean> {
  const { contextLength, engine } = model;
  const room = Math.min(settings.maxTokens, Math.floor(contextLength / 4));
  const template = { ...(tools.length > 0 && { tools: tools.map(toRequest) }) };
  return !engine || (await engine.countTokens(messages, template)) + room <= contextLength;
}

function listener({ view, onGrown, onSpeed }: RunOptions, step: Step, speaker: Speaker): Listener {
  const endThoughts = (): void => {
    step.reasoningMs ||= view.step.endThoughts();
  };
  return {
    onReasoning: (text) => {
      step.reasoning += text;
      view.step.addReasoning(text);
      onGrown();
    },
    onContent: (text) => {
      endThoughts();
      step.text += text;
      view.step.addContent(text);
      speaker.add(text);
      onGrown();
    },
    onCall: (index, id = '', name = '', json) => {
      endThoughts();
      const call = step.calls[index];
      if (call) {
        call.arguments += json;
        view.step.card(index)?.show();
      } else {
        const begun = { id, name, arguments: json };
        step.calls.push(begun);
        view.step.addCall(begun);
      }
      onGrown();
    },
    onSpeed: (tokensPerSecond) => {
      view.bar.facts = tokensPerSecond > 0 ? format.speed(tokensPerSecond) : 'Answering …';
      onSpeed(tokensPerSecond);
    },
  };
}

function endStep(step: Step, view: ModelTurnView): void {
  step.reasoningMs ||= view.step.endThoughts();
  view.step.end();
}

async function runCalls(step: Step, { view, tools, signal, onGrown }: RunOptions): Promise<void> {
  for (const [index, call] of step.calls.entries()) {
    const card = view.step.card(index);
    if (!card) continue;
    view.bar.facts = tools.find(({ name }) => name === call.name)?.run ? '' : 'Waits for you';
    call.result = await card.run(
      tools.find(({ name }) => name === call.name),
      signal,
    );
    card.show();
    onGrown();
  }
}
