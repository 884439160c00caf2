import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as format from './format.js';

test('bytes, times and speeds', () => {
  assert.deepEqual([0, 999, 1000, 7_947_456, 99_960_000, 999_600_000, 4.7e9].map(format.bytes), [
    '0 bytes',
    '999 bytes',
    '1.0 kB',
    '7.9 MB',
    '100 MB',
    '1.0 GB',
    '4.7 GB',
  ]);
  assert.deepEqual([0.2, 3.1, 59, 61, 3600, 4800].map(format.duration), [
    '1 s',
    '4 s',
    '59 s',
    '1 min',
    '1 h',
    '1 h 20 min',
  ]);
  assert.deepEqual([3.14, 85.4].map(format.speed), ['3.1 tokens/s', '85 tokens/s']);
  assert.deepEqual([0.4, 120, 3400].map(format.milliseconds), ['0 ms', '120 ms', '3.4 s']);
  assert.deepEqual([7.3e6, 1.1e9].map(format.parameters), ['7.3 million', '1.1 billion']);
  assert.deepEqual([1, 1024].map(format.tokens), ['1 token', '1,024 tokens']);
});

test('how far a download has come', () => {
  assert.equal(format.progress(3.2e6, 7.9e6, 1.2e6), '3.2 MB of 7.9 MB · 1.2 MB/s · 4 s left');
  assert.equal(format.progress(3.2e6, undefined, 1.2e6), '3.2 MB · 1.2 MB/s');
  assert.equal(format.progress(3.2e6, 7.9e6, 0), '3.2 MB of 7.9 MB');
  assert.equal(format.progress(7.9e6, 7.9e6, 1e6), '7.9 MB of 7.9 MB · 1.0 MB/s');
});
