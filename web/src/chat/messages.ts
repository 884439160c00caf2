import { ChordError } from '../errors.js';

/** A piece of a message's content, as OpenAI has it. */
export interface TextPart {
  readonly type: 'text';
  readonly text: string;
}

/** What a model refused with, in a message that is given back to it. */
export interface RefusalPart {
  readonly type: 'refusal';
  readonly refusal: string;
}

/** A call that the model made of a function; `arguments` is JSON. */
export interface ToolCall {
  readonly id: string;
  readonly type: 'function';
  readonly function: { readonly name: string; readonly arguments: string };
}

/** What the model is to be like. `developer` is what OpenAI calls it for newer models. */
export interface SystemMessage {
  readonly role: 'system' | 'developer';
  readonly content: string | readonly TextPart[];
  readonly name?: string;
}

export interface UserMessage {
  readonly role: 'user';
  readonly content: string | readonly TextPart[];
  readonly name?: string;
}

/** What the model said. `reasoning_content` is for templates that give former reasoning back to the model. */
export interface AssistantMessage {
  readonly role: 'assistant';
  readonly content?: string | readonly (TextPart | RefusalPart)[] | null;
  readonly name?: string;
  readonly refusal?: string | null;
  readonly reasoning_content?: string | null;
  readonly tool_calls?: readonly ToolCall[];
}

/** What a function that the model called returned. */
export interface ToolMessage {
  readonly role: 'tool';
  readonly content: string | readonly TextPart[];
  readonly tool_call_id: string;
}

/** One message of a conversation, as OpenAI has it. Several text parts are joined by line breaks. */
export type ChatMessage = SystemMessage | UserMessage | AssistantMessage | ToolMessage;

/** A message whose content is one string. */
export interface PlainMessage {
  readonly role: string;
  readonly content: string;
  readonly tool_calls?: readonly PlainCall[];
  readonly [field: string]: unknown;
}

export interface PlainCall {
  readonly function: { readonly name: string; readonly arguments: unknown };
  readonly [field: string]: unknown;
}

const roles = ['system', 'developer', 'user', 'assistant', 'tool'];

/** Throws `invalid_argument` where something is not a message, and `unsupported_field` for what is not text. */
export function plainMessages(messages: readonly ChatMessage[]): PlainMessage[] {
  const given: unknown = messages;
  if (!Array.isArray(given)) throw invalid(`messages is ${shown(given)}; it must be an array of { role, content }`);
  if (given.length === 0) throw invalid('messages is empty; give at least one, { role: "user", content: "…" }');
  return given.map((message: unknown, index) => plainMessage(message, `messages[${index}]`));
}

function plainMessage(message: unknown, at: string): PlainMessage {
  if (!isRecord(message)) throw invalid(`${at} is ${shown(message)}; it must be an object { role, content }`);
  const { role, content, tool_calls: calls, ...rest } = message;
  if (typeof role !== 'string' || !roles.includes(role)) {
    throw invalid(`${at}.role is ${shown(role)}; the roles are ${roles.join(', ')}`);
  }
  const others = Object.entries(rest).filter(([, value]) => value !== undefined && value !== null);
  const plain = { ...Object.fromEntries(others), role, content: plainContent(content, role, `${at}.content`) };
  const plainCalls = callsOf(calls, `${at}.tool_calls`);
  return plainCalls.length === 0 ? plain : { ...plain, tool_calls: plainCalls };
}

function plainContent(content: unknown, role: string, at: string): string {
  if (typeof content === 'string') return content;
  // An assistant that called functions said nothing beside.
  if ((content === null || content === undefined) && role === 'assistant') return '';
  if (!Array.isArray(content))
    throw invalid(`${at} is ${shown(content)}; it must be a string or an array of text parts`);
  return content.map((part: unknown, index) => partText(part, `${at}[${index}]`)).join('\n');
}

function partText(part: unknown, at: string): string {
  if (!isRecord(part)) throw invalid(`${at} is ${shown(part)}; it must be a part such as { type: "text", text: "…" }`);
  const { type, text, refusal } = part;
  if (type === 'text' && typeof text === 'string') return text;
  if (type === 'refusal' && typeof refusal === 'string') return refusal;
  if (type === 'text') throw invalid(`${at}.text is ${shown(text)}; it must be a string`);
  throw new ChordError(
    'unsupported_field',
    `${at}.type is ${shown(type)}; models are given text only: use parts of the type "text"`,
  );
}

function callsOf(calls: unknown, at: string): PlainCall[] {
  if (calls === undefined || calls === null) return [];
  if (!Array.isArray(calls)) throw invalid(`${at} is ${shown(calls)}; it must be an array of calls`);
  return calls.map((call: unknown, index) => callOf(call, `${at}[${index}]`));
}

function callOf(call: unknown, at: string): PlainCall {
  const called = isRecord(call) ? call['function'] : undefined;
  const { name, arguments: given } = isRecord(called) ? called : {};
  if (isRecord(call) && typeof name === 'string') return { ...call, function: { name, arguments: given } };
  throw invalid(`${at} is ${shown(call)}; it must be { id, type: "function", function: { name, arguments } }`);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value as a message shows it: as JSON, not at any length. */
export function shown(value: unknown): string {
  const text = asJson(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

function asJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

export function invalid(message: string): ChordError {
  return new ChordError('invalid_argument', message);
}
