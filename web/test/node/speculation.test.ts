// Prompt lookup in engines: the same text, with fewer steps.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChordError, load } from 'wasm-chord';

const prompt = 'Mia has a red ball. Tom has a blue ball. Mia has a red ball. Tom has a blue';

test('beside a grammar, a schema and a processor the text is the same, too', async () => {
  const engine = await load('../models/chord-tiny/chord-tiny-q8_0.gguf');
  const properties = { name: { enum: ['Mia', 'Tom'] }, ball: { enum: ['red', 'blue'] } };
  const items = { type: 'object', properties, required: ['name', 'ball'], additionalProperties: false };
  const seen: number[] = [];
  let accepted = 0;
  for (const options of [
    { grammar: 'root ::= " ball." (" " ("Mia" | "Tom") " has a " ("red" | "blue" | "green") " ball."){6}' },
    { responseFormat: { type: 'json_schema', schema: { type: 'array', items, minItems: 4, maxItems: 6 } } },
    {
      logitProcessor: (logits: Float32Array, generated: readonly number[]) => {
        seen.push(generated.length);
        logits[generated.at(-1) ?? 0] = -Infinity;
      },
    },
  ] as const) {
    for (const sampling of [{ temperature: 0 }, { temperature: 0.8, seed: 5 }]) {
      const wanted = { maxTokens: 80, ...sampling, ...options };
      const plain = await engine.generate(prompt, wanted).result;
      seen.length = 0;
      const ahead = await engine.generate(prompt, { ...wanted, speculation: 'prompt-lookup' }).result;
      assert.equal(ahead.text, plain.text);
      assert.equal(ahead.finishReason, plain.finishReason);
      assert.deepEqual(seen, [...seen.keys()], 'a row for each token, in its turn');
      accepted += ahead.usage.acceptedTokens ?? 0;
    }
  }
  assert.ok(accepted > 30, `${accepted} tokens were right`);
  await engine.dispose();
});

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
