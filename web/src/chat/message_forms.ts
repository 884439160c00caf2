import { isRecord } from './messages.js';
import type { PlainCall, PlainMessage } from './messages.js';

/** Messages in one of the forms that templates expect. */
export type MessageForm = readonly Readonly<Record<string, unknown>>[];

/**
 * The forms of these messages, the commonest first: templates do not agree on what a message with calls and nothing
 * else has for content (null or ""), nor on whether arguments are an object or JSON.
 */
export function messageForms(messages: readonly PlainMessage[]): MessageForm[] {
  if (!messages.some((message) => message.tool_calls)) return [messages];
  const withArguments = (change: (json: unknown) => unknown) => (message: PlainMessage) => ({
    ...message,
    ...(message.tool_calls ? { tool_calls: message.tool_calls.map((call) => changed(call, change)) } : {}),
  });
  const withNull = (message: PlainMessage): Readonly<Record<string, unknown>> =>
    message.tool_calls && message.content === '' ? { ...message, content: null } : message;
  return [asObject, asJson].flatMap((change) => {
    const form = messages.map(withArguments(change));
    return [form.map(withNull), form];
  });
}

function changed(call: PlainCall, change: (json: unknown) => unknown): PlainCall {
  return { ...call, function: { ...call.function, arguments: change(call.function.arguments) } };
}

function asObject(given: unknown): unknown {
  if (typeof given !== 'string') return given;
  try {
    const value: unknown = JSON.parse(given);
    return isRecord(value) ? value : given;
  } catch {
    return given;
  }
}

function asJson(given: unknown): unknown {
  return typeof given === 'string' ? given : JSON.stringify(given);
}
