import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReasoningSplitter, opensReasoning } from './reasoning.js';

interface Split {
  reasoning: string;
  content: string;
}

function split(pieces: Iterable<string>, open = false): Split {
  const splitter = new ReasoningSplitter(open);
  const all = { reasoning: '', content: '' };
  for (const piece of pieces) for (const { kind, text } of splitter.push(piece)) all[kind] += text;
  for (const { kind, text } of splitter.end()) all[kind] += text;
  return all;
}

/** The text in pieces of every size. */
function* cuts(text: string): Generator<string[]> {
  for (let size = 1; size <= text.length; size += 1) {
    yield Array.from({ length: Math.ceil(text.length / size) }, (_, i) => text.slice(i * size, (i + 1) * size));
  }
}

const cases: { text: string; open?: boolean; expected: Split }[] = [
  {
    text: '<think>\nLet me see.\n\n2 + 2 = 4\n</think>\n\n4',
    expected: { reasoning: 'Let me see.\n\n2 + 2 = 4', content: '4' },
  },
  { text: '\n<think>a</think>b', expected: { reasoning: 'a', content: 'b' } },
  { text: '<think>\n\n</think>\n\nHello. ', expected: { reasoning: '', content: 'Hello. ' } },
  { text: 'thinking\n</think>\n\nHello', open: true, expected: { reasoning: 'thinking', content: 'Hello' } },
  { text: '<think>it was cut </thi', expected: { reasoning: 'it was cut </thi', content: '' } },
  { text: ' An answer \n', expected: { reasoning: '', content: ' An answer \n' } },
  {
    text: 'The mark is <think> and </think>.',
    expected: { reasoning: '', content: 'The mark is <think> and </think>.' },
  },
  { text: '<thing> is no mark', expected: { reasoning: '', content: '<thing> is no mark' } },
  { text: '<think', expected: { reasoning: '', content: '<think' } },
  { text: ' \n', expected: { reasoning: '', content: ' \n' } },
  {
    text: '<think>if a < b && c </ d</think><think>',
    expected: { reasoning: 'if a < b && c </ d', content: '<think>' },
  },
  { text: '<think>a <</think> b </think>', expected: { reasoning: 'a <', content: 'b </think>' } },
];

test('reasoning is parted from the answer wherever the pieces end', () => {
  for (const { text, open, expected } of cases) {
    for (const pieces of cuts(text)) assert.deepEqual(split(pieces, open), expected, JSON.stringify(pieces));
  }
});

test('text is given out as soon as it cannot be part of a mark', () => {
  const splitter = new ReasoningSplitter(false);
  assert.deepEqual(splitter.push('<think>'), []);
  assert.deepEqual(splitter.push('one'), [{ kind: 'reasoning', text: 'one' }]);
  assert.deepEqual(splitter.push(' two <'), [{ kind: 'reasoning', text: ' two' }]);
  assert.deepEqual(splitter.push('3</'), [{ kind: 'reasoning', text: ' <3' }]);
  assert.equal(splitter.phase, 'reasoning');
  assert.deepEqual(splitter.push('think>\n'), []);
  assert.equal(splitter.phase, 'after');
  assert.deepEqual(splitter.push('answer'), [{ kind: 'content', text: 'answer' }]);
  assert.deepEqual(splitter.push('\n'), [{ kind: 'content', text: '\n' }]);
});

test('a prompt that ends in the mark leaves the model reasoning', () => {
  assert.ok(opensReasoning('<|im_start|>assistant\n<think>\n'));
  assert.ok(!opensReasoning('<|im_start|>assistant\n<think>\n\n</think>\n\n'));
  assert.ok(!opensReasoning('<|im_start|>assistant\n'));
});
