import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  addModelTurn,
  addUserTurn,
  newConversation,
  showBranch,
  shownTurns,
  siblings,
  textOf,
} from './conversation.js';
import type { Conversation } from './conversation.js';
import { parseConversation } from './parse.js';
import { search } from './search.js';
import { fileName, fromJson, toJson, toMarkdown } from './transfer.js';

function talk(question: string, answer: string): Conversation {
  const conversation = newConversation(Date.UTC(2026, 0, 15));
  const asked = addUserTurn(conversation, -1, question);
  const turn = addModelTurn(conversation, asked.id, 'tiny');
  turn.steps.splice(0, 1, { reasoning: 'Hm.\nYes.', reasoningMs: 5, text: answer, calls: [] });
  turn.ending = 'stop';
  return conversation;
}

test('what is asked or answered anew is a branch, and each can be shown', () => {
  const conversation = talk('One?', 'First.');
  const [question, first] = shownTurns(conversation);
  assert.ok(question && first);
  const second = addModelTurn(conversation, question.id, 'tiny');
  const other = addUserTurn(conversation, -1, 'Two?');
  assert.deepEqual(shownTurns(conversation), [other]);
  assert.deepEqual(siblings(conversation, first), [first, second]);
  showBranch(conversation, question);
  assert.deepEqual(shownTurns(conversation), [question, second]);
  showBranch(conversation, first);
  assert.deepEqual(shownTurns(conversation).map(textOf), ['One?', 'First.']);
});

test('a title is the beginning of the first question', () => {
  assert.equal(talk('  Hello\n there ', '').title, 'Hello there');
  const { title } = talk('word '.repeat(30), '');
  assert.match(title, /^(word )+…$/);
  assert.ok(title.length <= 62);
});

test('search looks at titles and texts, for all words, without case and accents', () => {
  const rome = talk(
    'What is the capital of Italy?',
    'It is Róme, on the river Tiber, as everybody who was there knows.',
  );
  const story = talk('Tell me a story', 'Once upon a time …');
  const all = [rome, story];
  assert.deepEqual(
    search(all, 'ITALY rome').map(({ conversation }) => conversation),
    [rome],
  );
  assert.deepEqual(search(all, 'italy upon'), []);
  assert.equal(search(all, 'italy')[0]?.excerpt, undefined);
  const [found] = search(all, 'tiber');
  assert.deepEqual(found?.excerpt?.[1], 'Tiber');
  assert.match(found.excerpt[0], /on the river $/);
});

test('JSON gives back what it was made of; what is damaged says which', () => {
  const conversation = talk('One?', 'First.');
  assert.deepEqual(fromJson(toJson([conversation])), [conversation]);
  for (const [text, problem] of [
    ['{', /no JSON/],
    ['[1]', /no conversations/],
    ['{"format": "wasm-chord conversations", "version": 2}', /version 2/],
    [toJson([conversation]).replace('"parent": 0', '"parent": 1'), /Conversation 1 of 1 in the file is damaged/],
  ] as const) {
    const result = fromJson(text);
    assert.ok(typeof result === 'string', text);
    assert.match(result, problem);
  }
});

test('what is no conversation is refused', () => {
  const good = talk('One?', 'First.');
  assert.deepEqual(parseConversation(structuredClone(good)), good);
  for (const bad of [
    null,
    [],
    { ...good, id: 5 },
    { ...good, turns: [{ ...good.turns[0], parent: 0 }] },
    { ...good, turns: [{ ...good.turns[0], id: 3 }] },
    { ...good, turns: [good.turns[0], { ...good.turns[1], steps: [] }] },
  ]) {
    assert.equal(parseConversation(bad), undefined);
  }
  assert.equal(parseConversation({ ...good, head: 99 })?.head, 1);
});

test('Markdown has what is shown, with thoughts quoted', () => {
  assert.equal(
    toMarkdown(talk('One?', 'First **word**.')),
    '# One?\n\n2026-01-15\n\n## You\n\nOne?\n\n## tiny\n\n> Hm.\n> Yes.\n\nFirst **word**.\n',
  );
  assert.equal(fileName(talk('Où est / la “gare”?', ''), 'md'), 'Ou-est-la-gare.md');
  assert.equal(fileName(talk('???', ''), 'json'), 'conversation.json');
});
