import type { ChatMessage } from 'wasm-chord';
import type { Step, Turn } from '../conversations/conversation.js';

/** What the model is given: what was said, without what it thought. */
export function messagesOf(system: string, turns: readonly Turn[]): ChatMessage[] {
  const messages: ChatMessage[] = system === '' ? [] : [{ role: 'system', content: system }];
  for (const turn of turns) {
    if (turn.role === 'user') messages.push({ role: 'user', content: turn.text });
    else messages.push(...turn.steps.flatMap((step, index) => messagesOfStep(step, index)));
  }
  return messages;
}

function messagesOfStep({ text, calls }: Step, index: number): ChatMessage[] {
  // Calls without results are of an answer that was stopped; templates want each to have one.
  const called = calls.filter(({ result }) => result !== undefined);
  // A first step speaks even where it says nothing, since templates want turns to alternate.
  if (called.length === 0) return text === '' && index > 0 ? [] : [{ role: 'assistant', content: text }];
  const tool_calls = called.map(({ id, name, arguments: json }) => ({
    id,
    type: 'function' as const,
    function: { name, arguments: json === '' ? '{}' : json },
  }));
  const results = called.map(({ id, result = '' }) => ({ role: 'tool' as const, tool_call_id: id, content: result }));
  return [{ role: 'assistant', content: text === '' ? null : text, tool_calls }, ...results];
}
