// load() and the engine that it gives, as they are shipped: in a worker, and in the caller's thread.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChordError, load } from 'wasm-chord';
import type { Engine, GenerationResult, Piece } from 'wasm-chord';
import { answers, readReferences, textOf } from '../references.js';

const path = '../models/chord-tiny/chord-tiny-q8_0.gguf';
const question = [{ role: 'user', content: 'What is the capital of France?' }] as const;
const answer = 'The capital of France is Paris.';
const story = 'Once upon a time there was a little girl who';
const greedy = { temperature: 0 };

function hasCode(code: string, message = /./): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ChordError);
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  };
}

async function collect(pieces: AsyncIterable<Piece>): Promise<Piece[]> {
  const collected: Piece[] = [];
  for await (const piece of pieces) collected.push(piece);
  return collected;
}

const places = [
  { name: 'in a worker', worker: true },
  { name: 'in this thread', worker: false },
] as const;

for (const { name, worker } of places) {
  const open = (options: Parameters<typeof load>[1] = {}): Promise<Engine> => load(path, { worker, ...options });

  test(`${name}: pieces, text, result and info`, async () => {
    const engine = await open();
    const { info } = engine;
    assert.deepEqual([info.worker, info.name, info.architecture], [worker, 'Chord Tiny', 'llama']);
    assert.deepEqual([info.device, info.contextLength, info.quantization], ['cpu', 512, 'Q8_0']);
    assert.match(info.workerReason, worker ? /could start/ : /no worker was asked for/);
    assert.match(info.deviceReason, /CPU only/);
    const { weights, kvCache, scratch, control, total } = info.memory;
    assert.ok(weights > 7e6 && kvCache > 0 && scratch > 0 && control > 0 && total >= weights + kvCache + scratch);

    const generation = engine.generate(question, { ...greedy, logprobs: true });
    const pieces = await collect(generation);
    assert.equal(pieces.map(({ text }) => text).join(''), answer);
    assert.ok(pieces.every(({ token, logprob }) => token >= 0 && logprob !== undefined && logprob <= 0));
    const { text, finishReason, usage, timings } = await generation.result;
    assert.deepEqual([text, finishReason, usage.completionTokens], [answer, 'stop', pieces.length]);
    assert.equal(usage.promptTokens, await engine.countTokens(question));
    assert.ok(timings.firstTokenMs > 0 && timings.prefillTokensPerSecond > 0 && timings.decodeTokensPerSecond > 0);

    const top = await collect(engine.generate(question, { ...greedy, topLogprobs: 3 }));
    for (const { token, topLogprobs = [] } of top) {
      assert.deepEqual([topLogprobs.length, topLogprobs[0]?.token], [3, token]);
      assert.equal(topLogprobs[0]?.text, await engine.detokenize([token], { special: true }));
      assert.ok(topLogprobs.every(({ logprob }, index) => logprob <= (topLogprobs[index - 1]?.logprob ?? 0)));
    }
    const sampled = await collect(engine.generate(story, { topK: 2, seed: 3, maxTokens: 9, topLogprobs: 20 }));
    const same = await collect(engine.generate(story, { topK: 2, seed: 3, maxTokens: 9 }));
    assert.deepEqual(
      sampled.map(({ text }) => text),
      same.map(({ text }) => text),
    );

    const plain = await collect(engine.generate(question, greedy));
    assert.ok(plain.every((piece) => !('logprob' in piece)));
    assert.equal(await engine.generate(question, greedy).text(), answer);
    await engine.dispose();
  });

  test(`${name}: the texts of the references`, async () => {
    const engine = await open();
    for (const reference of answers(readReferences('../'))) {
      const maxTokens = reference.greedy_ids.length;
      assert.equal(await engine.generate(reference.prompt, { ...greedy, maxTokens }).text(), textOf(reference));
      assert.deepEqual([...(await engine.tokenize(reference.prompt))], reference.prompt_ids);
      assert.equal(await engine.detokenize(reference.prompt_ids, { special: true }), reference.prompt);
    }
    await engine.dispose();
  });

  test(`${name}: in OpenAI's shapes`, async () => {
    const engine = await open();
    const messages = [...question];
    const { choices, usage } = await engine.chat.completions.create({ messages, ...greedy });
    assert.deepEqual([choices[0]?.message.content, choices[0]?.finish_reason], [answer, 'stop']);
    assert.equal(usage.prompt_tokens, await engine.countTokens(question));
    let streamed = '';
    for await (const chunk of await engine.chat.completions.create({ messages, ...greedy, stream: true })) {
      streamed += chunk.choices[0]?.delta.content ?? '';
    }
    assert.equal(streamed, answer);
    const prompt = await engine.applyChatTemplate(question);
    assert.equal((await engine.completions.create({ prompt, ...greedy, max_tokens: 30 })).choices[0]?.text, answer);
    await engine.dispose();
  });

  test(`${name}: options decide the text`, async () => {
    const engine = await open();
    const text = (options: object): Promise<string> => engine.generate(story, { maxTokens: 30, ...options }).text();
    const usual = await text(greedy);
    const first = (await collect(engine.generate(story, { ...greedy, maxTokens: 1 })))[0];
    assert.ok(first);
    assert.ok(!(await text({ ...greedy, logitBias: { [first.token]: -Infinity } })).startsWith(first.text));
    assert.equal(await text({ ...greedy, stopTokens: [first.token] }), '');
    const word = usual.trim().split(' ')[3] ?? '';
    assert.equal(await text({ ...greedy, stop: word }), usual.slice(0, usual.indexOf(word)));
    assert.equal(await text({ temperature: 2, seed: 5 }), await text({ temperature: 2, seed: 5n }));
    assert.notEqual(await text({ temperature: 2, seed: 5 }), await text({ temperature: 2, seed: 6 }));
    assert.notEqual(await text({ ...greedy, repetitionPenalty: 5 }), usual);
    const { finishReason, usage } = await engine.generate(story, { ...greedy, maxTokens: 7 }).result;
    assert.deepEqual([finishReason, usage.completionTokens], ['length', 7]);
    const full = await engine.generate(story, { ...greedy, ignoreEos: true }).result;
    assert.equal(full.finishReason, 'context');
    assert.ok(full.usage.promptTokens + full.usage.completionTokens >= engine.info.contextLength);
    await engine.dispose();
  });

  test(`${name}: calls are worked through in their order`, async () => {
    const engine = await open();
    const ends: number[] = [];
    const results = [40, 5, 20].map(async (maxTokens, index) => {
      const result = await engine.generate(story, { ...greedy, maxTokens }).result;
      ends.push(index);
      return result;
    });
    const [first, second, third] = await Promise.all(results);
    assert.deepEqual(ends, [0, 1, 2]);
    assert.ok(first && second && third);
    assert.ok(third.timings.queuedMs >= second.timings.queuedMs && second.timings.queuedMs > first.timings.queuedMs);
    // One call inside the loop of another: the outer one must not wait to be read.
    const inner: string[] = [];
    for await (const piece of engine.generate(story, { ...greedy, maxTokens: 60 })) {
      if (inner.length === 0) inner.push(await engine.generate(question, greedy).text());
      assert.ok(piece.token >= 0);
    }
    assert.deepEqual(inner, [answer]);
    await engine.dispose();
  });

  test(`${name}: leaving the loop stops the work`, async () => {
    const engine = await open();
    const generation = engine.generate(story, greedy);
    let count = 0;
    for await (const piece of generation) if (piece.token >= 0 && ++count === 3) break;
    const { finishReason, usage, text } = await generation.result;
    assert.equal(finishReason, 'cancelled');
    assert.ok(usage.completionTokens >= 3 && usage.completionTokens <= 20, String(usage.completionTokens));
    assert.ok(text.length > 0);
    assert.equal(await engine.generate(question, greedy).text(), answer);
    await engine.dispose();
  });

  test(`${name}: a text that nobody reads stands still`, async () => {
    const engine = await open();
    const iterator = engine.generate(story, greedy)[Symbol.asyncIterator]();
    await iterator.next();
    await new Promise((resolve) => setTimeout(resolve, 300));
    const begin = performance.now();
    await iterator.return?.();
    // It would be working still, or would have told the whole story.
    const { usage } = await engine.generate(story, { ...greedy, maxTokens: 1 }).result;
    assert.ok(usage.reusedTokens > 0);
    assert.ok(performance.now() - begin < 1000);
    await engine.dispose();
  });

  test(`${name}: the signal ends what it belongs to, in each phase`, async () => {
    await assert.rejects(open({ signal: AbortSignal.abort() }), hasCode('cancelled'));
    const loading = new AbortController();
    const onProgress = (): void => {
      loading.abort(new Error('enough'));
    };
    await assert.rejects(open({ signal: loading.signal, onProgress }), hasCode('cancelled'));

    const engine = await open();
    const aborted = AbortSignal.abort();
    await assert.rejects(engine.generate(story, { signal: aborted }).text(), hasCode('cancelled'));
    await assert.rejects(collect(engine.generate(story, { signal: aborted })), hasCode('cancelled'));

    // In the queue, and those behind it go on.
    const queued = new AbortController();
    const front = engine.generate(story, { ...greedy, maxTokens: 60 }).result;
    const middle = engine.generate(story, { signal: queued.signal }).text();
    const back = engine.generate(question, greedy).text();
    queued.abort();
    await assert.rejects(middle, hasCode('cancelled'));
    assert.equal((await front).usage.completionTokens, 60);
    assert.equal(await back, answer);

    // In the prefill, which takes longer than the first steps.
    const prefill = new AbortController();
    const long = engine.generate('word '.repeat(200), { ...greedy, signal: prefill.signal });
    const rejected = assert.rejects(long.text(), hasCode('cancelled'));
    setTimeout(() => {
      prefill.abort();
    }, 5);
    await rejected;

    const decode = new AbortController();
    let seen = 0;
    await assert.rejects(async () => {
      for await (const piece of engine.generate(story, { ...greedy, signal: decode.signal })) {
        seen += piece.token >= 0 ? 1 : 0;
        if (seen === 4) decode.abort();
      }
    }, hasCode('cancelled'));
    assert.equal(seen, 4);
    assert.equal(await engine.generate(question, greedy).text(), answer);
    await engine.dispose();
  });

  test(`${name}: conversations keep what they have computed`, async () => {
    const talk = async (
      engine: Engine,
      messages: { role: 'user' | 'assistant'; content: string }[],
      content: string,
    ) => {
      messages.push({ role: 'user', content });
      const result: GenerationResult = await engine.generate(messages, { ...greedy, maxTokens: 30 }).result;
      messages.push({ role: 'assistant', content: result.text });
      return result.usage;
    };
    const one = 'Tell me a story about a cat and a boat.';
    const two = 'What is the capital of France? I have always wanted to know it.';
    const engine = await open();
    assert.ok(engine.info.conversations > 1);
    const [cats, cities]: Parameters<typeof talk>[1][] = [[], []];
    assert.ok(cats && cities);
    await talk(engine, cats, one);
    const before = await engine.countTokens(cats);
    await talk(engine, cities, two);
    const { reusedTokens, promptTokens } = await talk(engine, cats, 'And then?');
    // All but what the template adds to the end of an answer.
    assert.ok(reusedTokens > before - 10 && reusedTokens < promptTokens, `${reusedTokens} of ${promptTokens}`);
    assert.ok((await talk(engine, cities, 'And of Italy?')).reusedTokens > 20);
    const memory = engine.info.memory.kvCache;
    await engine.dispose();

    const small = await open({ memoryBudget: 0 });
    assert.equal(small.info.conversations, 1);
    const [more, others]: Parameters<typeof talk>[1][] = [[], []];
    assert.ok(more && others);
    await talk(small, more, one);
    await talk(small, others, two);
    assert.ok((await talk(small, more, 'And then?')).reusedTokens < 10);
    assert.ok(small.info.memory.kvCache < memory);
    await small.dispose();
  });

  test(`${name}: dispose ends everything`, async () => {
    const engine = await open();
    const running = engine.generate(story, greedy)[Symbol.asyncIterator]();
    await running.next();
    const waiting = engine.generate(story, greedy).text();
    const rejected = assert.rejects(waiting, hasCode('closed'));
    await engine.dispose();
    await rejected;
    await assert.rejects(async () => {
      while ((await running.next()).done !== true);
    }, hasCode('closed'));
    for (const late of [
      engine.generate(story).text(),
      engine.tokenize('a'),
      engine.detokenize([1]),
      engine.countTokens('a'),
      engine.countTokens(question),
    ]) {
      await assert.rejects(late, hasCode('closed'));
    }
    await engine.dispose();
    await using own = await open();
    assert.equal(await own.generate(question, greedy).text(), answer);
  });

  test(`${name}: errors have their codes`, async () => {
    await assert.rejects(load('nowhere.gguf', { worker }), hasCode('io', /nowhere/));
    await assert.rejects(load(new Uint8Array(1000), { worker }), hasCode('invalid_gguf'));
    await assert.rejects(open({ contextLength: 100_000 }), hasCode('invalid_argument', /100000.*512/));
    await assert.rejects(open({ device: 'webgpu' }), hasCode('gpu_unavailable', /wasm-chord\/webgpu/));
    await assert.rejects(open({ threads: 0 }), hasCode('invalid_argument', /threads/));
    await assert.rejects(open({ contextLength: -1 }), hasCode('invalid_argument', /contextLength/));
    // @ts-expect-error as callers without TypeScript may
    await assert.rejects(open({ device: 'gpu' }), hasCode('invalid_argument', /auto, cpu, webgpu/));
    const engine = await open({ contextLength: 32 });
    await assert.rejects(engine.generate('word '.repeat(100)).text(), hasCode('context_overflow'));
    assert.throws(() => engine.generate('a', { topP: 2 }), hasCode('invalid_argument', /topP is 2.*0 to 1/));
    assert.throws(() => engine.generate('a', { maxTokens: 0.5 }), hasCode('invalid_argument', /maxTokens/));
    assert.throws(() => engine.generate('a', { stop: [''] }), hasCode('invalid_argument', /stop/));
    await assert.rejects(engine.generate('a', { stopTokens: [1e6] }).text(), hasCode('invalid_argument', /1000000/));
    await assert.rejects(engine.generate('').text(), hasCode('invalid_argument'));
    assert.equal(await engine.generate(question, { ...greedy, maxTokens: 3 }).text(), 'The capital of');
    await engine.dispose();
  });
}
