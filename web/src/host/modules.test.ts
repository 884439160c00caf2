import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requireSimd } from './modules.js';

test('an engine with SIMD passes, one without is told which versions have it', () => {
  requireSimd();
  assert.throws(
    () => {
      requireSimd(() => false);
    },
    { code: 'unsupported_engine', message: /Chrome or Edge \d+, Firefox \d+, Safari [\d.]+, Node \d+/ },
  );
});
