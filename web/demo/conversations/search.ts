import { textOf } from './conversation.js';
import type { Conversation } from './conversation.js';

/** A conversation that a search found. */
export interface Found {
  readonly conversation: Conversation;
  /** Around the first place, where that is not in the title: before it, itself, and after it. */
  readonly excerpt: readonly [before: string, match: string, after: string] | undefined;
}

const around = 24;

/** Those that have every word of the query in their title or text, in the order given; case and accents do not count. */
export function search(conversations: readonly Conversation[], query: string): Found[] {
  const words = folded(query).split(/\s+/).filter(Boolean);
  const found: Found[] = [];
  for (const conversation of conversations) {
    const title = folded(conversation.title);
    const texts = conversation.turns.map(textOf);
    const foldedTexts = texts.map(folded);
    if (!words.every((word) => title.includes(word) || foldedTexts.some((text) => text.includes(word)))) continue;
    const inText = words.find((word) => !title.includes(word));
    const at = inText === undefined ? -1 : foldedTexts.findIndex((text) => text.includes(inText));
    const excerpt = inText === undefined ? undefined : excerptOf(texts[at] ?? '', foldedTexts[at] ?? '', inText);
    found.push({ conversation, excerpt });
  }
  return found;
}

// Letter for letter, so that places in it are places in the text.
function folded(text: string): string {
  let result = '';
  for (const unit of text) {
    const plain = unit.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
    result += plain.length === unit.length ? plain : unit;
  }
  return result;
}

function excerptOf(text: string, foldedText: string, word: string): Found['excerpt'] {
  const at = foldedText.indexOf(word);
  const end = at + word.length;
  const clean = (part: string): string => part.replace(/\s+/g, ' ');
  const before = text.slice(Math.max(0, at - around), at);
  const after = text.slice(end, end + 2 * around);
  return [
    (at > around ? '…' : '') + clean(before),
    text.slice(at, end),
    clean(after) + (end + 2 * around < text.length ? '…' : ''),
  ];
}
