import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { Sha256 } from './sha256.js';

const bytes = Uint8Array.from({ length: 3000 }, (_, index) => (index * 131 + (index >> 5)) % 256);

function nodes(data: Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

test('every length around the blocks, at once and in pieces', () => {
  for (let length = 0; length < 300; ++length) {
    const data = bytes.subarray(0, length);
    const hash = new Sha256();
    hash.update(data);
    assert.equal(hash.digest(), nodes(data));
  }
  for (const step of [1, 7, 63, 64, 65, 129, 1000]) {
    const hash = new Sha256();
    for (let at = 0; at < bytes.length; at += step) hash.update(bytes.subarray(at, at + step));
    assert.equal(hash.digest(), nodes(bytes), `in pieces of ${step}`);
  }
});

test('one bit more is another hash', () => {
  const hash = new Sha256();
  hash.update(bytes.with(2999, (bytes[2999] ?? 0) ^ 1));
  assert.notEqual(hash.digest(), nodes(bytes));
});
