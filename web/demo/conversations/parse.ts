// Conversations from a file or from the browser's storage, which need not be what this version of the page wrote.
import type { Call, Conversation, Ending, ModelTurn, Step, Turn } from './conversation.js';
import { isRecord, listIn, numberIn, textIn } from '../ui/values.js';

/** undefined: it is none. */
export function parseConversation(value: unknown): Conversation | undefined {
  if (!isRecord(value)) return undefined;
  const id = textIn(value, 'id');
  const title = textIn(value, 'title');
  const created = numberIn(value, 'created');
  const turns = listIn(value, 'turns').map(parseTurn);
  if (id === undefined || id === '' || title === undefined || created === undefined) return undefined;
  const known = turns.filter((turn) => turn !== undefined);
  if (known.length !== turns.length) return undefined;
  const updated = numberIn(value, 'updated') ?? created;
  const head = numberIn(value, 'head') ?? -1;
  return { id, title, created, updated, turns: known, head: head in known ? head : known.length - 1 };
}

function parseTurn(value: unknown, index: number): Turn | undefined {
  const parent = numberIn(value, 'parent');
  const time = numberIn(value, 'time');
  const role = textIn(value, 'role');
  // A parent comes before its child, so that a path has an end.
  if (parent === undefined || !Number.isInteger(parent) || parent < -1 || parent >= index) return undefined;
  if (numberIn(value, 'id') !== index || time === undefined) return undefined;
  const place = { id: index, parent, time };
  if (role === 'user') {
    const text = textIn(value, 'text');
    return text === undefined ? undefined : { role, text, ...place };
  }
  const steps = listIn(value, 'steps').map(parseStep);
  const ending = endings.find((known) => known === textIn(value, 'ending'));
  if (role !== 'model' || ending === undefined || steps.length === 0) return undefined;
  const turn: ModelTurn = { role, model: textIn(value, 'model') ?? '', steps, ending, ...place };
  const tokens = numberIn(value, 'tokens');
  const tokensPerSecond = numberIn(value, 'tokensPerSecond');
  if (tokens !== undefined) turn.tokens = tokens;
  if (tokensPerSecond !== undefined) turn.tokensPerSecond = tokensPerSecond;
  const leftOut = numberIn(value, 'leftOut');
  if (leftOut !== undefined) turn.leftOut = leftOut;
  const form = textIn(value, 'form');
  if (form !== undefined) turn.form = form;
  if (isRecord(value) && value['isJson'] === true) turn.isJson = true;
  return turn;
}

const endings: readonly Ending[] = ['stop', 'length', 'context', 'stopped'];

function parseStep(value: unknown): Step {
  return {
    reasoning: textIn(value, 'reasoning') ?? '',
    reasoningMs: numberIn(value, 'reasoningMs') ?? 0,
    text: textIn(value, 'text') ?? '',
    calls: listIn(value, 'calls').map(parseCall),
  };
}

function parseCall(value: unknown): Call {
  const call: Call = {
    id: textIn(value, 'id') ?? '',
    name: textIn(value, 'name') ?? '',
    arguments: textIn(value, 'arguments') ?? '',
  };
  const result = textIn(value, 'result');
  if (result !== undefined) call.result = result;
  return call;
}
