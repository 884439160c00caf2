/** What was said, as a tree: a question that is asked in other words, or answered again, is a branch beside the first. */
export interface Conversation {
  readonly id: string;
  title: string;
  /** In milliseconds since 1970. */
  readonly created: number;
  updated: number;
  /** In the order in which they came; ids are places in it. */
  readonly turns: Turn[];
  /** The id of the last turn that is shown; -1 where there is none. */
  head: number;
}

export type Turn = UserTurn | ModelTurn;

interface TurnPlace {
  readonly id: number;
  /** The turn before it; -1 for a first one. */
  readonly parent: number;
  readonly time: number;
}

export interface UserTurn extends TurnPlace {
  readonly role: 'user';
  readonly text: string;
}

export interface ModelTurn extends TurnPlace {
  readonly role: 'model';
  /** The name of the model. */
  readonly model: string;
  readonly steps: Step[];
  ending: Ending;
  /** Absent where the answer did not come to its end. */
  tokens?: number;
  tokensPerSecond?: number;
  /** How many of the oldest turns the model was not given, since they did not fit its context. */
  leftOut?: number;
  /** Whether it was held to JSON. */
  isJson?: true;
  /** Of an answer that was held to a form: what came of that. */
  form?: string;
}

/** `stopped`: by the user, or by what went wrong. */
export type Ending = 'stop' | 'length' | 'context' | 'stopped';

/** What the model says in one go. With calls, another step follows their results. */
export interface Step {
  reasoning: string;
  reasoningMs: number;
  text: string;
  readonly calls: Call[];
}

export interface Call {
  readonly id: string;
  readonly name: string;
  /** JSON, as the model wrote it. */
  arguments: string;
  /** What the function gave back; absent while it has not. */
  result?: string;
}

export function newConversation(now = Date.now()): Conversation {
  return { id: newId(), title: '', created: now, updated: now, turns: [], head: -1 };
}

/** Another one each time. `randomUUID` is not there on hosts without HTTPS. */
export function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function newStep(): Step {
  return { reasoning: '', reasoningMs: 0, text: '', calls: [] };
}

/** The turns that are shown, first to last. */
export function shownTurns({ turns, head }: Conversation): Turn[] {
  const path: Turn[] = [];
  for (let turn = turns[head]; turn; turn = turns[turn.parent]) path.unshift(turn);
  return path;
}

/** The turns that are in the place of this one, itself among them. */
export function siblings({ turns }: Conversation, turn: Turn): Turn[] {
  return turns.filter(({ parent }) => parent === turn.parent);
}

/** Puts a turn after `parent`, and shows it. */
export function addUserTurn(conversation: Conversation, parent: number, text: string): UserTurn {
  const turn: UserTurn = { role: 'user', text, id: conversation.turns.length, parent, time: Date.now() };
  return append(conversation, turn);
}

export function addModelTurn(conversation: Conversation, parent: number, model: string): ModelTurn {
  const place = { id: conversation.turns.length, parent, time: Date.now() };
  return append(conversation, { role: 'model', model, steps: [newStep()], ending: 'stopped', ...place });
}

function append<T extends Turn>(conversation: Conversation, turn: T): T {
  conversation.turns.push(turn);
  conversation.head = turn.id;
  conversation.updated = turn.time;
  if (conversation.title === '' && turn.role === 'user') conversation.title = titleOf(turn.text);
  return turn;
}

/** Shows the branch that the turn is in, to its newest end. */
export function showBranch(conversation: Conversation, turn: Turn): void {
  let end = turn;
  for (;;) {
    const next = conversation.turns.findLast(({ parent }) => parent === end.id);
    if (!next) break;
    end = next;
  }
  conversation.head = end.id;
}

/** All that a turn says, as text to copy. */
export function textOf(turn: Turn): string {
  if (turn.role === 'user') return turn.text;
  return turn.steps
    .map(({ text }) => text.trim())
    .filter((text) => text !== '')
    .join('\n\n');
}

const longestTitle = 60;

function titleOf(text: string): string {
  const line = text.trim().replace(/\s+/g, ' ');
  if (line.length <= longestTitle) return line;
  const cut = line.slice(0, longestTitle);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(' '), longestTitle / 2)).trimEnd()} …`;
}
