import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseThreads, chooseVariant, engineFeatures } from './modules.js';

const all = { simd: true, relaxedSimd: true, threads: true, memory64: true };

test('an engine without SIMD is told which versions have it', () => {
  const none = engineFeatures(() => false);
  assert.deepEqual(none, { simd: false, relaxedSimd: false, threads: false, memory64: false });
  assert.throws(() => chooseVariant(undefined, none), {
    code: 'unsupported_engine',
    message: /Chrome or Edge \d+, Firefox \d+, Safari [\d.]+, Node \d+/,
  });
});

test('this engine is known to have SIMD and threads, relaxed SIMD from Node 22 on and wide memories from 24 on', () => {
  const major = Number(process.versions.node.split('.')[0]);
  assert.deepEqual(engineFeatures(), {
    simd: true,
    relaxedSimd: major >= 22,
    threads: true,
    memory64: major >= 24,
  });
});

test('the fastest variant that the engine supports, or the one that is asked for', () => {
  assert.equal(chooseVariant(undefined, all), 'relaxed');
  assert.equal(chooseVariant(undefined, { ...all, relaxedSimd: false }), 'simd128');
  assert.equal(chooseVariant('simd128', all), 'simd128');
  assert.equal(chooseVariant('relaxed64', all), 'relaxed64');
  for (const variant of ['relaxed', 'relaxed64'] as const) {
    assert.throws(() => chooseVariant(variant, { ...all, relaxedSimd: false }), { code: 'unsupported_engine' });
  }
  assert.throws(() => chooseVariant('relaxed64', { ...all, memory64: false }), { code: 'unsupported_engine' });
});

test('threads for the processors there are, or as many as are asked for', () => {
  const byDefault = [1, 2, 4, 8, 12, 128].map((processors) => chooseThreads(undefined, processors));
  assert.deepEqual(byDefault, [1, 2, 3, 4, 6, 16]);
  assert.equal(chooseThreads(7, 2), 7);
  for (const wrong of [0, 1.5, -1, 129, NaN]) {
    assert.throws(() => chooseThreads(wrong, 2), { code: 'invalid_argument' });
  }
});
