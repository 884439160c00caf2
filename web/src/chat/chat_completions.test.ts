import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeEngine, utf8 } from '../../test/fake_engine.js';
import { ChordError } from '../errors.js';
import { chatCompletions } from './api.js';
import type { ChatCompletionChunk, ChatCompletionCreateParamsNonStreaming } from './openai.js';
import type { ChatTemplateOptions } from './template.js';

const messages = [{ role: 'user' as const, content: 'Hi' }];

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of stream) all.push(item);
  return all;
}

function refuses(params: object, code: string, pattern: RegExp): Promise<void> {
  const engine = new FakeEngine({ pieces: ['a'] });
  return assert.rejects(chatCompletions(engine).create({ messages, ...params }), (error) => {
    assert.ok(error instanceof ChordError);
    assert.match(error.message, pattern);
    assert.equal(error.code, code, error.message);
    assert.equal(engine.calls.length, 0);
    return true;
  });
}

test('a whole answer', async () => {
  const engine = new FakeEngine({ pieces: ['Hel', 'lo', '.'] });
  const before = Math.floor(Date.now() / 1000);
  const { id, created, ...rest } = await chatCompletions(engine).create({ messages, model: 'any' });
  assert.match(id, /^chatcmpl-[0-9a-f]{30}$/);
  assert.ok(created >= before && created <= Date.now() / 1000);
  assert.deepEqual(rest, {
    object: 'chat.completion',
    model: 'Fake',
    system_fingerprint: 'chord-cpu-simd128-F16',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: 'Hello.', refusal: null },
        logprobs: null,
        finish_reason: 'stop',
      },
    ],
    usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10, prompt_tokens_details: { cached_tokens: 3 } },
    timings: { queued_ms: 1, first_token_ms: 2, prefill_tokens_per_second: 3, decode_tokens_per_second: 4 },
  });
});

test('options reach the engine under its names, null as if left out', async () => {
  const engine = new FakeEngine({ pieces: ['a'] });
  const params: ChatCompletionCreateParamsNonStreaming = {
    messages,
    temperature: 0.5,
    top_p: 0.9,
    top_k: 5,
    min_p: 0.1,
    repetition_penalty: 1.5,
    frequency_penalty: 0.25,
    presence_penalty: -0.25,
    seed: 3,
    stop: 'x',
    logit_bias: { 5: -100, 6: 1 },
    max_tokens: 10,
    max_completion_tokens: 20,
    n: 1,
    response_format: { type: 'text' },
    modalities: ['text'],
    user: 'u',
    metadata: { a: 'b' },
    store: false,
    service_tier: 'auto',
    chat_template_kwargs: { enable_thinking: false },
  };
  await chatCompletions(engine).create(params);
  assert.deepEqual(engine.templates.at(0)?.options, { tools: undefined, variables: { enable_thinking: false } });
  assert.equal(engine.calls.at(0)?.prompt, 'prompt');
  assert.deepEqual(engine.calls.at(0)?.options, {
    maxTokens: 20,
    temperature: 0.5,
    topP: 0.9,
    topK: 5,
    minP: 0.1,
    repetitionPenalty: 1.5,
    frequencyPenalty: 0.25,
    presencePenalty: -0.25,
    seed: 3,
    stop: ['x'],
    logitBias: { 5: -100, 6: 1 },
    logprobs: false,
    topLogprobs: undefined,
    signal: undefined,
  });

  await chatCompletions(engine).create({ messages, temperature: null, stop: null, max_tokens: null, stream: null });
  const { logprobs, ...others } = engine.calls[1]?.options ?? {};
  assert.equal(logprobs, false);
  assert.ok(Object.values(others).every((value) => value === undefined));
});

const chunkText = ({ choices }: ChatCompletionChunk): string => choices[0]?.delta.content ?? '';

test('a streamed answer begins with the role and ends with the reason and the usage', async () => {
  const engine = new FakeEngine({ pieces: ['Hel', '', 'lo'], finishReason: 'context' });
  const stream = await chatCompletions(engine).create({
    messages,
    stream: true,
    stream_options: { include_usage: true },
  });
  assert.equal(engine.calls.length, 0, 'the work begins with the loop');
  const chunks = await collect(stream);
  const [first] = chunks;
  assert.ok(first);
  for (const { id, object, created, model } of chunks) {
    assert.deepEqual([id, object, created, model], [first.id, 'chat.completion.chunk', first.created, 'Fake']);
  }
  const deltas = [{ role: 'assistant', content: '' }, { content: 'Hel' }, { content: 'lo' }, {}];
  assert.deepEqual(
    chunks.slice(0, -1).map(({ choices }) => choices),
    deltas.map((delta, index) => [{ index: 0, delta, logprobs: null, finish_reason: index === 3 ? 'length' : null }]),
  );
  assert.ok(chunks.slice(0, -1).every(({ usage }) => usage === null));
  assert.deepEqual(chunks.at(-1)?.choices, []);
  assert.deepEqual(chunks.at(-1)?.usage, {
    prompt_tokens: 7,
    completion_tokens: 3,
    total_tokens: 10,
    prompt_tokens_details: { cached_tokens: 3 },
  });
  assert.equal(chunks.at(-1)?.timings?.queued_ms, 1);
});

test('without include_usage no chunk has usage, and the last has the timings', async () => {
  const chunks = await collect(
    await chatCompletions(new FakeEngine({ pieces: ['a'] })).create({ messages, stream: true }),
  );
  assert.equal(chunks.length, 3);
  assert.ok(chunks.every((chunk) => !('usage' in chunk)));
  assert.equal(chunks.at(-1)?.timings?.first_token_ms, 2);
});

test('reasoning comes apart from the answer', async () => {
  const pieces = ['<th', 'ink>\n', 'hm', '.\n', '</think>', '\n\n', 'Yes', '.'];
  const whole = await chatCompletions(new FakeEngine({ pieces })).create({ messages });
  assert.equal(whole.choices[0]?.message.content, 'Yes.');
  assert.equal(whole.choices[0].message.reasoning_content, 'hm.');
  assert.deepEqual(whole.usage.completion_tokens_details, { reasoning_tokens: 6 });

  const chunks = await collect(await chatCompletions(new FakeEngine({ pieces })).create({ messages, stream: true }));
  assert.deepEqual(
    chunks.map(({ choices }) => choices[0]?.delta),
    [
      { role: 'assistant', content: '' },
      { reasoning_content: 'hm' },
      { reasoning_content: '.' },
      { content: 'Yes' },
      { content: '.' },
      {},
    ],
  );

  const open = new FakeEngine({ pieces: ['hm', '</think>', 'Yes'], prompt: 'assistant\n<think>\n' });
  const { message } = (await chatCompletions(open).create({ messages })).choices[0] ?? {};
  assert.deepEqual([message?.reasoning_content, message?.content], ['hm', 'Yes']);
});

test('log-probabilities are those of the tokens of the answer', async () => {
  // é in two tokens.
  const likeliest = [
    { token: 9, text: ' no', bytes: utf8(' no'), logprob: -0.5 },
    { token: 4, text: '\ufffd', bytes: [0xc3], logprob: -4 },
  ];
  const pieces = [
    '<think>',
    'hm',
    '</think>',
    '\n',
    { text: '', token: 4, bytes: [0xc3], logprob: -4, topLogprobs: likeliest },
    { text: 'é', token: 5, bytes: [0xa9], logprob: -5 },
    '',
  ];
  const params = { messages, logprobs: true, top_logprobs: 2 };
  const expected = [
    {
      token: '\ufffd',
      logprob: -4,
      bytes: [0xc3],
      top_logprobs: [
        { token: ' no', logprob: -0.5, bytes: [32, 110, 111] },
        { token: '\ufffd', logprob: -4, bytes: [0xc3] },
      ],
    },
    { token: '\ufffd', logprob: -5, bytes: [0xa9], top_logprobs: [] },
  ];
  const engine = new FakeEngine({ pieces });
  const whole = await chatCompletions(engine).create(params);
  assert.deepEqual(whole.choices[0]?.logprobs, { content: expected, refusal: null });
  assert.equal(engine.calls[0]?.options.topLogprobs, 2);

  const chunks = await collect(await chatCompletions(engine).create({ ...params, stream: true }));
  assert.deepEqual(
    chunks.flatMap(({ choices }) => choices[0]?.logprobs ?? []),
    [{ content: expected, refusal: null }],
  );
});

const tool = { type: 'function' as const, function: { name: 'get_time' } };
const hermes = ({ tools }: ChatTemplateOptions): string => (tools ? 'call with <tool_call>' : 'nothing');
const twoCalls = [
  'Wait.\n',
  '<tool_call>',
  '{"name": "get_time", "argu',
  'ments": {"x"',
  ': 1}}',
  '</tool_call>',
  '\n',
];
twoCalls.push('<tool_call>{"name": "get_time"}</tool_call>');

test('calls of functions come apart from the answer', async () => {
  const engine = new FakeEngine({ pieces: twoCalls, prompt: hermes });
  const whole = await chatCompletions(engine).create({ messages, tools: [tool], tool_choice: 'auto' });
  const [choice] = whole.choices;
  assert.equal(choice?.finish_reason, 'tool_calls');
  assert.equal(choice.message.content, 'Wait.');
  const calls = choice.message.tool_calls ?? [];
  assert.ok(calls.every(({ id }) => /^[0-9a-z]{9}$/.test(id)));
  assert.deepEqual(
    calls.map((call) => call.function),
    [
      { name: 'get_time', arguments: '{"x": 1}' },
      { name: 'get_time', arguments: '{}' },
    ],
  );
  assert.equal(engine.calls[0]?.prompt, 'call with <tool_call>');

  const chunks = await collect(await chatCompletions(engine).create({ messages, tools: [tool], stream: true }));
  const deltas = chunks.map(({ choices }) => choices[0]?.delta);
  const parts = deltas.flatMap((delta) => delta?.tool_calls ?? []);
  const [first] = parts;
  assert.deepEqual(parts.slice(0, 3), [
    { index: 0, id: first?.id, type: 'function', function: { name: 'get_time', arguments: '' } },
    { index: 0, function: { arguments: '{"x"' } },
    { index: 0, function: { arguments: ': 1}' } },
  ]);
  assert.deepEqual(
    parts.slice(3).map(({ index, function: { name, arguments: json } }) => [index, name, json]),
    [[1, 'get_time', '{}']],
  );
  assert.equal(chunks.at(-1)?.choices[0]?.finish_reason, 'tool_calls');
});

test('without functions, or with the choice none, an answer is text', async () => {
  const engine = new FakeEngine({ pieces: ['<tool_call>{"name": "get_time"}</tool_call>'], prompt: hermes });
  for (const params of [{}, { tools: [] }, { tools: [tool], tool_choice: 'none' as const }]) {
    const whole = await chatCompletions(engine).create({ messages, ...params });
    assert.equal(whole.choices[0]?.message.content, '<tool_call>{"name": "get_time"}</tool_call>');
    assert.equal(whole.choices[0].finish_reason, 'stop');
    assert.equal(engine.calls.at(-1)?.prompt, 'nothing');
  }
});

test('marks that are special tokens are seen, although the text leaves them out', async () => {
  const pieces = [
    { text: '', token: 90 },
    'hm',
    { text: '', token: 91 },
    { text: '', token: 92 },
    '[{"name": "get_time", "arguments": {}}]',
  ];
  const special = { '<think>': 90, '</think>': 91, '[TOOL_CALLS]': 92 };
  const prompt = ({ tools }: ChatTemplateOptions): string => (tools ? '[AVAILABLE_TOOLS][…][/AVAILABLE_TOOLS]' : '');
  const engine = new FakeEngine({ pieces, special, prompt });
  const { message } = (await chatCompletions(engine).create({ messages, tools: [tool] })).choices[0] ?? {};
  assert.deepEqual([message?.reasoning_content, message?.content], ['hm', null]);
  assert.deepEqual(
    message?.tool_calls?.map((call) => call.function),
    [{ name: 'get_time', arguments: '{}' }],
  );
});

test('leaving the loop stops the work', async () => {
  const engine = new FakeEngine({ pieces: ['a', 'b', 'c'] });
  for await (const chunk of await chatCompletions(engine).create({ messages, stream: true })) {
    if (chunkText(chunk) === 'a') break;
  }
  assert.deepEqual([engine.calls[0]?.pieces, engine.calls[0]?.left], [1, true]);
});

test('a signal makes the call and the loop fail, the controller ends the loop quietly', async () => {
  const isCancelled = (error: unknown): boolean => error instanceof ChordError && error.code === 'cancelled';
  const engine = new FakeEngine({ pieces: ['a', 'b', 'c'] });
  const chat = chatCompletions(engine);
  const aborted = AbortSignal.abort();
  await assert.rejects(chat.create({ messages }, { signal: aborted }), isCancelled);
  assert.equal(engine.calls.length, 0);

  const mine = new AbortController();
  const seen: string[] = [];
  await assert.rejects(async () => {
    for await (const chunk of await chat.create({ messages, stream: true }, { signal: mine.signal })) {
      seen.push(chunkText(chunk));
      if (chunkText(chunk) === 'b') mine.abort();
    }
  }, isCancelled);
  assert.deepEqual(seen, ['', 'a', 'b']);

  const stream = await chat.create({ messages, stream: true });
  for await (const chunk of stream) if (chunkText(chunk) === 'b') stream.controller.abort();
  assert.equal(engine.calls.at(-1)?.pieces, 2);
  await assert.rejects(collect(stream), /this stream has been read/);
});

test('several answers: begun together, in their order, with seeds that follow one another', async () => {
  const engine = new FakeEngine({ pieces: ['a', 'b'] });
  const chat = chatCompletions(engine);
  const { choices, usage, timings } = await chat.create({ messages, n: 3, seed: 5 });
  assert.deepEqual(
    choices.map(({ index, message, finish_reason }) => [index, message.content, finish_reason]),
    [0, 1, 2].map((index) => [index, 'ab', 'stop']),
  );
  assert.deepEqual(usage, {
    prompt_tokens: 7,
    completion_tokens: 6,
    total_tokens: 13,
    prompt_tokens_details: { cached_tokens: 3 },
  });
  assert.equal(timings.decode_tokens_per_second, 4);
  assert.deepEqual(
    engine.calls.map(({ options }) => options.seed),
    [5, 6n, 7n],
  );
  assert.equal(engine.templates.length, 1);

  engine.calls.length = 0;
  const begun: number[] = [];
  const chunks: unknown[] = [];
  for await (const {
    choices: [choice],
    usage: total,
  } of await chat.create({
    messages,
    n: 2,
    stream: true,
    stream_options: { include_usage: true },
  })) {
    begun.push(engine.calls.length);
    chunks.push([choice?.index, choice?.delta.content, choice?.finish_reason, total?.completion_tokens]);
  }
  assert.deepEqual(chunks, [
    ...[0, 1].flatMap((index) => [
      [index, '', null, undefined],
      [index, 'a', null, undefined],
      [index, 'b', null, undefined],
      [index, undefined, 'stop', undefined],
    ]),
    [undefined, undefined, undefined, 4],
  ]);
  assert.deepEqual(new Set(begun), new Set([2]), 'before the first chunk');
  assert.deepEqual(
    engine.calls.map(({ options }) => options.seed),
    [undefined, undefined],
  );
});

test('what would change the answer and is not supported is an error that names it', async () => {
  await refuses({ n: 0 }, 'invalid_argument', /^n is 0/);
  await refuses({ n: 129 }, 'invalid_argument', /^n is 129/);
  await refuses({ response_format: { type: 'xml' } }, 'unsupported_field', /^response_format.type is "xml": the types/);
  await refuses(
    { audio: { voice: 'x' } },
    'unsupported_field',
    /^audio is \{"voice":"x"\}: it is not supported; the fields that are: messages,/,
  );
  await refuses({ modalities: ['audio'] }, 'unsupported_field', /^modalities is/);
  await refuses({ reasoning_effort: 'low' }, 'unsupported_field', /chat_template_kwargs/);
  await refuses({ tools: [tool] }, 'unsupported_field', /^tools: \["get_time"\] are given, .* has no place for them/);
  await refuses({ tools: [tool], tool_choice: 'any' }, 'unsupported_field', /^tool_choice is "any": it can be "auto"/);
  await refuses({ temprature: 1 }, 'unsupported_field', /^temprature is 1: it is not supported/);
  await refuses({ constructor: 1 }, 'unsupported_field', /^constructor is 1: it is not supported/);
});

test('values out of range are errors with the range', async () => {
  await refuses({ temperature: -1 }, 'invalid_argument', /^temperature is -1; allowed is a number from 0 to 100/);
  await refuses({ temperature: '1' }, 'invalid_argument', /^temperature is "1"/);
  await refuses({ max_tokens: 1.5 }, 'invalid_argument', /^max_tokens is 1.5; allowed is a whole number/);
  await refuses({ max_completion_tokens: 0 }, 'invalid_argument', /^max_completion_tokens is 0/);
  await refuses(
    { tool_choice: 'required' },
    'invalid_argument',
    /^tool_choice is "required", .* there is none to call/,
  );
  await refuses({ response_format: { type: 'json_schema' } }, 'invalid_argument', /^response_format.json_schema is/);
  await refuses({ grammar: 1 }, 'invalid_argument', /^grammar is 1; it must be a grammar/);
  await refuses({ stop: [''] }, 'invalid_argument', /^stop is \[""\]/);
  await refuses({ logit_bias: { a: 1 } }, 'invalid_argument', /the key "a"; keys are token ids/);
  await refuses({ logit_bias: { 1: 101 } }, 'invalid_argument', /token 1 is 101; allowed is/);
  await refuses(
    { tools: [{ type: 'function' }] },
    'invalid_argument',
    /^tools\[0\] is \{"type":"function"\}; it must be/,
  );
  await refuses({ tools: {} }, 'invalid_argument', /^tools is \{\}/);
  await refuses({ stream: 'yes' }, 'invalid_argument', /^stream is "yes"/);
  await refuses({ stream_options: {} }, 'invalid_argument', /stream is not true/);
  await refuses({ top_logprobs: 2 }, 'invalid_argument', /logprobs is not true/);
  await refuses({ logprobs: true, top_logprobs: 21 }, 'invalid_argument', /from 0 to 20/);
});
