import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeEngine, utf8 } from '../../test/fake_engine.js';
import { ChordError } from '../errors.js';
import { completions } from './api.js';

test('a whole text', async () => {
  const engine = new FakeEngine({ pieces: [' there', '', ' was'], finishReason: 'length' });
  const { id, created, ...rest } = await completions(engine).create({ prompt: 'Once', max_tokens: 3 });
  assert.match(id, /^cmpl-/);
  assert.ok(created > 0);
  assert.deepEqual(rest, {
    object: 'text_completion',
    model: 'Fake',
    system_fingerprint: 'chord-cpu-simd128-F16',
    choices: [{ index: 0, text: ' there was', logprobs: null, finish_reason: 'length' }],
    usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10, prompt_tokens_details: { cached_tokens: 3 } },
    timings: { queued_ms: 1, first_token_ms: 2, prefill_tokens_per_second: 3, decode_tokens_per_second: 4 },
  });
  assert.deepEqual([engine.calls[0]?.prompt, engine.calls[0]?.options.maxTokens], ['Once', 3]);
});

test('a streamed text', async () => {
  const engine = new FakeEngine({ pieces: ['a', '', 'b'] });
  const seen: unknown[] = [];
  const params = { prompt: ['Once'], stream: true as const, stream_options: { include_usage: true } };
  for await (const { object, choices, usage } of await completions(engine).create(params)) {
    assert.equal(object, 'text_completion');
    seen.push([choices[0]?.text, choices[0]?.finish_reason, usage?.total_tokens]);
  }
  assert.deepEqual(seen, [
    ['a', null, undefined],
    ['b', null, undefined],
    ['', 'stop', undefined],
    [undefined, undefined, 10],
  ]);
});

test('several texts', async () => {
  const engine = new FakeEngine({ pieces: ['a', 'b'] });
  const { choices, usage } = await completions(engine).create({ prompt: 'Once', n: 2, seed: 1 });
  assert.deepEqual(
    choices.map(({ index, text }) => [index, text]),
    [0, 1].map((index) => [index, 'ab']),
  );
  assert.deepEqual([usage.prompt_tokens, usage.completion_tokens], [7, 4]);
  assert.deepEqual(
    engine.calls.map(({ options }) => options.seed),
    [1, 2n],
  );
  const seen: unknown[] = [];
  const params = { prompt: 'Once', n: 2, stream: true as const };
  for await (const chunk of await completions(engine).create(params)) {
    seen.push([chunk.choices[0]?.index, chunk.choices[0]?.text, chunk.timings !== undefined]);
  }
  assert.deepEqual(seen, [
    [0, 'a', false],
    [0, 'b', false],
    [0, '', false],
    [1, 'a', false],
    [1, 'b', false],
    [1, '', true],
  ]);
});

test('log-probabilities by place; what was held back shares the place of its text', async () => {
  const top = [{ token: 7, text: 'x', bytes: utf8('x'), logprob: -0.25 }];
  const pieces = ['ab', { text: '', token: 5, bytes: utf8('<5>'), logprob: -2, topLogprobs: top }, 'c'];
  const engine = new FakeEngine({ pieces });
  const whole = await completions(engine).create({ prompt: '', logprobs: 1 });
  assert.deepEqual(whole.choices[0]?.logprobs, {
    tokens: ['ab', '<5>', 'c'],
    token_logprobs: [-0, -2, -2],
    top_logprobs: [{}, { x: -0.25, '<5>': -2 }, {}],
    text_offset: [0, 2, 2],
  });
  assert.deepEqual([engine.calls[0]?.options.logprobs, engine.calls[0]?.options.topLogprobs], [true, 1]);
});

test('what is not supported is an error that names it', async () => {
  const refuses = (params: object, code: string, pattern: RegExp): Promise<void> =>
    assert.rejects(completions(new FakeEngine({ pieces: [] })).create({ prompt: '', ...params }), (error) => {
      assert.ok(error instanceof ChordError);
      assert.match(error.message, pattern);
      assert.equal(error.code, code, error.message);
      return true;
    });
  await refuses({ echo: true }, 'unsupported_field', /^echo is true/);
  await refuses({ suffix: 'x' }, 'unsupported_field', /^suffix is "x"/);
  await refuses({ best_of: 2 }, 'unsupported_field', /^best_of is 2/);
  await refuses({ prompt: [1, 2] }, 'unsupported_field', /^prompt is \[1,2\]/);
  await refuses({ prompt: 1 }, 'invalid_argument', /^prompt is 1; it must be a text/);
  await refuses({ messages: [] }, 'unsupported_field', /chat\.completions\.create/);
  await completions(new FakeEngine({ pieces: [] })).create({
    prompt: '',
    n: 1,
    user: 'u',
    ...{ echo: false, best_of: 1 },
  });
});
