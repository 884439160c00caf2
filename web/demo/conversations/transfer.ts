// Conversations as files, for people (Markdown) and for programs and this page (JSON).
import { shownTurns } from './conversation.js';
import type { Conversation, Step, Turn } from './conversation.js';
import { parseConversation } from './parse.js';
import { isRecord, listIn } from '../ui/values.js';

const format = 'wasm-chord conversations';
const version = 1;

export function toJson(conversations: readonly Conversation[]): string {
  return `${JSON.stringify({ format, version, conversations }, undefined, 2)}\n`;
}

/** A string: what is wrong with the text. */
export function fromJson(text: string): Conversation[] | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'That is no JSON. Choose a file that “Export all” wrote.';
  }
  if (!isRecord(value) || value['format'] !== format) return 'That JSON has no conversations of this page in it.';
  if (value['version'] !== version) {
    return `The file is of version ${String(value['version'])}, and this page reads version ${version}.`;
  }
  const entries = listIn(value, 'conversations');
  const parsed = entries.map(parseConversation);
  const known = parsed.filter((conversation) => conversation !== undefined);
  const bad = parsed.findIndex((conversation) => conversation === undefined);
  return bad < 0 ? known : `Conversation ${bad + 1} of ${entries.length} in the file is damaged.`;
}

/** The branch that is shown. */
export function toMarkdown(conversation: Conversation): string {
  const date = new Date(conversation.created).toISOString().slice(0, 10);
  const turns = shownTurns(conversation).map(turnToMarkdown);
  return `# ${conversation.title || 'Conversation'}\n\n${date}\n\n${turns.join('\n\n')}\n`;
}

function turnToMarkdown(turn: Turn): string {
  if (turn.role === 'user') return `## You\n\n${turn.text}`;
  return `## ${turn.model || 'The model'}\n\n${turn.steps.map(stepToMarkdown).join('\n\n')}`;
}

function stepToMarkdown({ reasoning, text, calls }: Step): string {
  const parts = [];
  if (reasoning.trim() !== '') parts.push(quoted(reasoning.trim()));
  if (text.trim() !== '') parts.push(text.trim());
  for (const call of calls) {
    parts.push(fenced(`${call.name}(${call.arguments})`));
    if (call.result !== undefined) parts.push(fenced(call.result));
  }
  return parts.join('\n\n');
}

function quoted(text: string): string {
  return text.replace(/^/gm, '> ');
}

function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${text}\n${fence}`;
}

/** A name for a file, of what any system takes. */
export function fileName({ title }: Conversation, extension: string): string {
  const name = title
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '');
  return `${name.slice(0, 60) || 'conversation'}.${extension}`;
}
