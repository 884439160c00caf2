import assert from 'node:assert/strict';
import { test } from 'node:test';
import { strftime } from './strftime.js';

const date = new Date(2024, 6, 4, 15, 8, 9);

test('dates are written as C does in its own locale', () => {
  assert.equal(strftime('%d %b %Y', date), '04 Jul 2024');
  assert.equal(strftime('%A, %B %-d, %Y', date), 'Thursday, July 4, 2024');
  assert.equal(strftime('%F %T %y %a %e', date), '2024-07-04 15:08:09 24 Thu  4');
  assert.equal(strftime('%I:%M %p %H%M%S 100%%', date), '03:08 PM 150809 100%');
  assert.equal(strftime('%I %p', new Date(2024, 0, 1, 0, 0)), '12 AM');
  assert.equal(strftime('%j %-m', date), '186 7');
  assert.equal(strftime('%-H', new Date(2024, 0, 1, 0, 0)), '0');
});

test('what is not known stays', () => {
  assert.equal(strftime('%Q %', date), '%Q %');
});
