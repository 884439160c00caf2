import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calculate, shownNumber } from './calculator.js';

test('arithmetic by its usual rules', () => {
  for (const [expression, value] of [
    ['48 + 37', 85],
    ['2 + 3 * 4', 14],
    ['(2 + 3) * 4', 20],
    ['10 - 4 - 3', 3],
    ['7 % 4 / 2', 1.5],
    ['-2^2', -4],
    ['2^3^2', 512],
    ['2 ** -1', 0.5],
    ['12 × 3 ÷ 4 − 1', 8],
    ['sqrt(16) + abs(-2)', 6],
    ['1.5e3 + .5', 1500.5],
    ['2 * pi', 2 * Math.PI],
  ] as const) {
    assert.equal(calculate(expression), value, expression);
  }
  assert.equal(shownNumber(calculate('0.1 + 0.2')), '0.3');
  assert.equal(shownNumber(calculate('10 / 4')), '2.5');
});

test('what is no arithmetic says why', () => {
  for (const [expression, problem] of [
    ['', /ends too early/],
    ['2 +', /ends too early/],
    ['(2', /ends too early/],
    ['2 $ 3', /“\$” at place 3/],
    ['constructor', /no function or constant “constructor”/],
    ['constructor(1)', /no function or constant/],
    ['1 / 0', /no finite value/],
    ['('.repeat(200), /nested deeper/],
    ['-'.repeat(200), /nested deeper/],
  ] as const) {
    assert.throws(() => calculate(expression), problem, expression);
  }
});
