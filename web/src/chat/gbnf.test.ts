import assert from 'node:assert/strict';
import { test } from 'node:test';
import { literal, textUntil } from './gbnf.js';

test('literals are escaped', () => {
  assert.equal(literal('say "a\\b"\n'), '"say \\"a\\\\b\\"\\n"');
});

test('a text up to a mark has a rule for each beginning of the mark', () => {
  assert.equal(
    textUntil('t', 'aab', 'next', true),
    [
      't0 ::= "" | [^ab] t0 | "a" t1 | "b" t0',
      't1 ::= "" | [^ab] t0 | "a" t2 | "b" t0',
      't2 ::= "" | [^ab] t0 | "a" t2 | "b" next',
      't ::= t0',
    ].join('\n'),
  );
  assert.match(textUntil('t', '[x^', 'next', false), /^t0 ::= \[\^\[x\\\^\] t0 \| /);
});
