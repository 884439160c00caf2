// Chats in OpenAI's shapes with chord-tiny, as they are shipped.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, test } from 'node:test';
import init, { ChordError, format_chat, load } from 'wasm-chord';
import type { ChatMessage, Engine } from 'wasm-chord';
import { formatNames } from '../../src/chat/formats.js';

const france: ChatMessage[] = [{ role: 'user', content: 'What is the capital of France?' }];
const answer = 'The capital of France is Paris.';
const greedy = { temperature: 0 };

let engine: Engine;
before(async () => {
  engine = await load('../models/chord-tiny/chord-tiny-q8_0.gguf');
});
after(() => engine.dispose());

test('an answer, whole and streamed', async () => {
  const whole = await engine.chat.completions.create({ messages: france, ...greedy, logprobs: true });
  const [choice] = whole.choices;
  assert.deepEqual(choice?.message, { role: 'assistant', content: answer, refusal: null });
  assert.equal(choice.finish_reason, 'stop');
  assert.equal(whole.model, 'Chord Tiny');
  assert.equal(whole.usage.prompt_tokens, await engine.countTokens(france));
  const tokens = choice.logprobs?.content ?? [];
  assert.equal(tokens.map(({ token }) => token).join(''), answer);
  assert.equal(tokens.length, whole.usage.completion_tokens);
  assert.equal(Buffer.from(tokens.flatMap(({ bytes }) => bytes)).toString(), answer);

  const stream_options = { include_usage: true };
  let text = '';
  let total = 0;
  for await (const { choices, usage } of await engine.chat.completions.create({
    messages: france,
    ...greedy,
    stream: true,
    stream_options,
  })) {
    text += choices[0]?.delta.content ?? '';
    total += usage?.total_tokens ?? 0;
  }
  assert.deepEqual([text, total], [answer, whole.usage.total_tokens]);
});

const city = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const tools = ['get_weather', 'get_time'].map((name) => {
  const description = name === 'get_time' ? 'Get the local time in a city' : 'Get the weather in a city';
  return { type: 'function' as const, function: { name, description, parameters: city } };
});

test('from request through call and result to answer', async () => {
  const messages: ChatMessage[] = [{ role: 'user', content: 'What is the weather in Rome?' }];
  const asked = await engine.chat.completions.create({ messages, tools, ...greedy });
  const [choice] = asked.choices;
  assert.equal(choice?.finish_reason, 'tool_calls');
  assert.equal(choice.message.content, null);
  const [call, another] = choice.message.tool_calls ?? [];
  assert.ok(call && !another);
  assert.equal(call.function.name, 'get_weather');
  assert.deepEqual(JSON.parse(call.function.arguments), { city: 'Rome' });

  const parts: string[] = [];
  for await (const chunk of await engine.chat.completions.create({ messages, tools, ...greedy, stream: true })) {
    for (const part of chunk.choices[0]?.delta.tool_calls ?? []) parts.push(part.function.arguments);
    if (chunk.choices[0]?.finish_reason) assert.equal(chunk.choices[0].finish_reason, 'tool_calls');
  }
  assert.ok(parts.length > 2);
  assert.equal(parts.join(''), call.function.arguments);

  const system: ChatMessage = { role: 'system', content: 'You are a helpful assistant.' };
  const beside = await engine.chat.completions.create({ messages: [system, ...messages], tools, ...greedy });
  assert.deepEqual(beside.choices[0]?.message.tool_calls?.[0]?.function, call.function);

  const content = '{"weather": "sunny", "degrees": 21}';
  messages.push(choice.message, { role: 'tool', tool_call_id: call.id, content });
  const told = await engine.chat.completions.create({ messages, tools, ...greedy });
  assert.equal(told.choices[0]?.message.content, 'It is sunny in Rome, with 21 degrees.');
  assert.equal(told.choices[0].finish_reason, 'stop');
});

test('the likeliest tokens beside each, in order, with the chosen one first of all where sampling is greedy', async () => {
  const params = { messages: france, ...greedy, logprobs: true, top_logprobs: 5 };
  const { choices } = await engine.chat.completions.create(params);
  assert.equal(choices[0]?.message.content, answer);
  for (const { top_logprobs: top, ...chosen } of choices[0].logprobs?.content ?? []) {
    assert.equal(top.length, 5);
    assert.deepEqual(top[0], chosen);
    assert.ok(top.every(({ logprob }, index) => index === 0 || logprob <= (top[index - 1]?.logprob ?? 0)));
    assert.ok(top.reduce((sum, { logprob }) => sum + Math.exp(logprob), 0) < 1.0001);
  }
});

test('a text that goes on', async () => {
  const prompt = 'Once upon a time';
  const whole = await engine.completions.create({ prompt, max_tokens: 8, ...greedy, logprobs: 0 });
  const [choice] = whole.choices;
  assert.equal(choice?.finish_reason, 'length');
  assert.equal(whole.usage.completion_tokens, 8);
  assert.equal(choice.logprobs?.tokens.join(''), choice.text);
  assert.equal(choice.text, await engine.generate(prompt, { maxTokens: 8, ...greedy }).text());

  const stopped = await engine.completions.create({ prompt, max_tokens: 8, ...greedy, stop: [choice.text.slice(3)] });
  assert.equal(stopped.choices[0]?.text, choice.text.slice(0, 3));
  assert.equal(stopped.choices[0].finish_reason, 'stop');
});

test('a loop that is left, or aborted, leaves the engine to others', async () => {
  const story: ChatMessage[] = [{ role: 'user', content: 'Tell me a story about a fox.' }];
  const stream = await engine.chat.completions.create({ messages: story, stream: true });
  for await (const { choices } of stream) if (choices[0]?.delta.content) break;
  const controller = new AbortController();
  await assert.rejects(
    async () => {
      const { signal } = controller;
      const params = { messages: story, stream: true } as const;
      for await (const { choices } of await engine.chat.completions.create(params, { signal })) {
        if (choices[0]?.delta.content) controller.abort();
      }
    },
    (error) => error instanceof ChordError && error.code === 'cancelled',
  );
  const whole = await engine.chat.completions.create({ messages: france, ...greedy });
  assert.equal(whole.choices[0]?.message.content, answer);
});

test("the named formats are the core's", async () => {
  await init();
  for (const template of formatNames) {
    for (const system of ['', ' Be kind.\n', undefined]) {
      const messages: ChatMessage[] = [{ role: 'user', content: ' Why, " 🙂"? ' }];
      if (system !== undefined) messages.unshift({ role: 'system', content: system });
      const ours = await engine.applyChatTemplate(messages, { template });
      assert.equal(ours, format_chat(system, ' Why, " 🙂"? ', template), template);
    }
  }
});

test("another template than the model's own", async () => {
  // The line break at a template's end is not part of it.
  const chatTemplate = {
    template: '<|im_start|>user\n{{ messages[-1].content }}<|im_end|>\n<|im_start|>assistant\n\n',
  };
  assert.equal(await engine.generate(france, { ...greedy, chatTemplate }).text(), answer);
});

const vocabularies = '../../shared/vocab/ggml-vocab-';

test('a prompt never begins with BOS twice', { skip: !existsSync(`${vocabularies}phi-3.gguf`) }, async () => {
  const phi = await load(`${vocabularies}phi-3.gguf`);
  const prompt = await phi.applyChatTemplate(france);
  assert.match(prompt, /^<s><\|user\|>/, 'the template writes it');
  const tokens = await phi.tokenize(prompt);
  assert.equal(await phi.countTokens(france), tokens.length);
  assert.equal(await phi.countTokens(prompt.slice('<s>'.length)), tokens.length, 'and else the file asks for it');
  await phi.dispose();
});

test('a model without a template says what to do', { skip: !existsSync(`${vocabularies}llama-spm.gguf`) }, async () => {
  const llama = await load(`${vocabularies}llama-spm.gguf`);
  await assert.rejects(llama.applyChatTemplate(france), /has no chat template.* one of chatml, llama2/);
  const llama2 = { template: 'llama2' };
  assert.equal(await llama.applyChatTemplate(france, llama2), '[INST] What is the capital of France? [/INST]');
  await llama.dispose();
});
