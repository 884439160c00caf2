import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseThreads, chooseVariant, engineFeatures } from './modules.js';

const all = { simd: true, relaxedSimd: true, threads: true };

test('an engine without SIMD is told which versions have it', () => {
  const none = engineFeatures(() => false);
  assert.deepEqual(none, { simd: false, relaxedSimd: false, threads: false });
  assert.throws(() => chooseVariant(undefined, none), {
    code: 'unsupported_engine',
    message: /Chrome or Edge \d+, Firefox \d+, Safari [\d.]+, Node \d+/,
  });
});

test('this engine is known to have SIMD and threads, and relaxed SIMD from Node 22 on', () => {
  const major = Number(process.versions.node.split('.')[0]);
  assert.deepEqual(engineFeatures(), { simd: true, relaxedSimd: major >= 22, threads: true });
});

test('the fastest variant that the engine supports, or the one that is asked for', () => {
  assert.equal(chooseVariant(undefined, all), 'relaxed');
  assert.equal(chooseVariant(undefined, { ...all, relaxedSimd: false }), 'simd128');
  assert.equal(chooseVariant('simd128', all), 'simd128');
  assert.throws(() => chooseVariant('relaxed', { ...all, relaxedSimd: false }), { code: 'unsupported_engine' });
});

test('threads for the processors there are, or as many as are asked for', () => {
  const byDefault = [1, 2, 4, 8, 12, 128].map((processors) => chooseThreads(undefined, processors));
  assert.deepEqual(byDefault, [1, 2, 3, 4, 6, 16]);
  assert.equal(chooseThreads(7, 2), 7);
  for (const wrong of [0, 1.5, -1, 129, NaN]) {
    assert.throws(() => chooseThreads(wrong, 2), { code: 'invalid_argument' });
  }
});
