// Contexts that the program keeps in files.
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { chord, fails, inRepository, scratch, succeed } from './program.mjs';

const tinyF16 = inRepository('models/chord-tiny/chord-tiny-f16.gguf');
const tinyQ8 = inRepository('models/chord-tiny/chord-tiny-q8_0.gguf');
const { folder, file } = scratch();

describe('run --session', () => {
  const question = '<|im_start|>user\nWhat is the capital of France?<|im_end|>\n<|im_start|>assistant\n';
  const next = `${question}The capital of France is Paris.<|im_end|>\n<|im_start|>user\nWhat is 7 + 5?<|im_end|>\n<|im_start|>assistant\n`;
  const path = join(folder, 'kept.session');
  const ask = (prompt, ...options) =>
    chord('run', tinyQ8, '--prompt', prompt, '--stats', '--session', path, ...options);
  const reused = ({ stderr }) => Number(/\((\d+) reused\)/.exec(stderr)?.[1]);

  test('a later run goes on from what was computed, with the same text', async () => {
    for (const kv of ['f16', 'f32', 'q8_0']) {
      const first = await ask(question, '--kv', kv);
      assert.deepEqual([first.code, reused(first)], [0, 0]);
      const used = Number(/context: (\d+) of/.exec(first.stderr)?.[1]);
      const second = await ask(next, '--kv', kv, '--context', '256', '--threads', '1', '--batch', '7');
      assert.equal(reused(second), used, second.stderr);
      assert.equal(second.stdout, await succeed('run', tinyQ8, '--prompt', next, '--kv', kv));
      rmSync(path);
    }
  });

  test('over windows, too, but for what their rings have lost', async () => {
    const model = join(folder, 'windows.gguf');
    await succeed('synth', '--shape', 'tiny-gemma3', '--type', 'f32', model);
    const text = 'there was once a king with three daughters '.repeat(4).trim();
    const goOn = async (...options) => {
      await succeed('run', model, '--prompt', text, '--session', path, '--batch', '16', ...options);
      const next = `${text} and`;
      const later = await chord('run', model, '--prompt', next, '--session', path, '--stats', '--batch', '7');
      assert.equal(later.stdout, await succeed('run', model, '--prompt', next));
      rmSync(path);
      return reused(later);
    };
    assert.ok((await goOn('--max-tokens', '1')) > 40);
    assert.equal(await goOn('--max-tokens', '20'), 0);
  });

  test('what it cannot go on from says why, and stays', async () => {
    await ask(question);
    const saved = readFileSync(path);
    const refused = (message, ...options) =>
      fails(1, message, 'run', ...options, '--prompt', question, '--session', path);
    await refused(/invalid_session: .*kv_type of 0; .* is 2/, tinyQ8, '--kv', 'q8_0');
    await refused(/invalid_session: .*fingerprint \d+; this one's is \d+/, tinyF16);
    await refused(/context_overflow: .* tokens: \d+; choose a longer context than 8/, tinyQ8, '--context', '8');
    const changed = readFileSync(tinyQ8);
    for (let at = changed.length - 40_000; at < changed.length; at += 1) changed[at] ^= 1;
    await refused(/fingerprint/, file('changed.gguf', changed));
    assert.deepEqual(readFileSync(path), saved);
    saved[saved.length - 5000] ^= 1;
    writeFileSync(path, saved);
    await refused(/invalid_session: .*checksum/, tinyQ8);
    writeFileSync(path, saved.subarray(0, saved.length - 1000));
    await refused(/invalid_session: .*cut off/, tinyQ8);
    writeFileSync(path, 'x');
    await refused(/invalid_session/, tinyQ8);
    rmSync(path);
  });
});
