// `n` answers to one prompt, which is computed once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from 'wasm-chord';
import type { GenerationResult } from 'wasm-chord';

test('n answers compute their prompt once, also where one conversation is kept', async () => {
  const engine = await load('../models/chord-tiny/chord-tiny-q8_0.gguf', { memoryBudget: 1 });
  assert.equal(engine.info.conversations, 1);
  const results: Promise<GenerationResult>[] = [];
  const generate = engine.generate.bind(engine);
  engine.generate = (prompt, options) => {
    const generation = generate(prompt, options);
    results.push(generation.result);
    return generation;
  };
  const messages = [{ role: 'user' as const, content: 'Tell me a story about a dog.' }];
  const params = { messages, n: 3, seed: 7, temperature: 1, max_tokens: 12 };
  const [{ choices, usage }] = await Promise.all([
    engine.chat.completions.create(params),
    new Promise((resolve) => setTimeout(resolve, 5)).then(() => generate('Once upon', { maxTokens: 2 }).text()),
  ]);
  const used = (await Promise.all(results)).map((result) => result.usage);
  const promptTokens = await engine.countTokens(messages);
  assert.deepEqual(
    used.map(({ reusedTokens }) => reusedTokens),
    [0, promptTokens - 1, promptTokens - 1],
  );
  assert.equal(usage.prompt_tokens, promptTokens);
  assert.equal(usage.completion_tokens, 36);
  for (const [index, choice] of choices.entries()) {
    const alone = await engine.chat.completions.create({ ...params, n: 1, seed: 7 + index });
    assert.deepEqual([choice.index, choice.message.content], [index, alone.choices[0]?.message.content]);
  }
  assert.notEqual(choices[0]?.message.content, choices[1]?.message.content);

  const streamed = ['', '', ''];
  for await (const { choices: parts } of await engine.chat.completions.create({ ...params, stream: true })) {
    for (const { index, delta } of parts) streamed[index] = `${streamed[index] ?? ''}${delta.content ?? ''}`;
  }
  assert.deepEqual(
    streamed,
    choices.map(({ message }) => message.content),
  );
  await engine.dispose();
});
