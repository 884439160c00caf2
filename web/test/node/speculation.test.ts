// Prompt lookup in engines: the same text, with fewer steps.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChordError, load } from 'wasm-chord';

const prompt = 'Mia has a red ball. Tom has a blue ball. Mia has a red ball. Tom has a blue';

test('prompt lookup changes no text, and computes some of it ahead', async () => {
  const engine = await load('../models/chord-tiny/chord-tiny-q8_0.gguf');
  let accepted = 0;
  for (const options of [
    { temperature: 0 },
    { temperature: 0, repetitionPenalty: 1.2 },
    { temperature: 0.7, seed: 3 },
    { temperature: 1, seed: 4, topK: 0, topP: 1 },
  ]) {
    const wanted = { maxTokens: 60, ignoreEos: true, logprobs: true, ...options };
    const plain = await engine.generate(prompt, wanted).result;
    const ahead = await engine.generate(prompt, { ...wanted, speculation: 'prompt-lookup' }).result;
    assert.equal(ahead.text, plain.text);
    assert.ok(!('draftedTokens' in plain.usage));
    accepted += ahead.usage.acceptedTokens ?? 0;
  }
  assert.ok(accepted > 5, `${accepted} tokens were right`);
  const wrong: object = { speculation: 'magic' };
  assert.throws(
    () => engine.generate(prompt, wrong),
    (error) => error instanceof ChordError && error.code === 'invalid_argument' && /magic/.test(error.message),
  );
  await engine.dispose();
});
