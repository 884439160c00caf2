// The package as it is shipped, on the real modules and the bundled model.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { after, before, test } from 'node:test';
import init, { AsyncTokenStream, ChordError, WasmModel, format_chat, version } from 'wasm-chord';
import { chooseThreads, engineFeatures } from '../../src/host/modules.js';
import { serve } from '../../tools/serve.mjs';
import { answers, filesWithAnswers, readReferences, textOf } from '../references.js';

const folder = '../models/chord-tiny/';
const path = `${folder}chord-tiny-q8_0.gguf`;
const question = 'What is the capital of France?';
const answer = 'The capital of France is Paris.';

let bytes: Uint8Array<ArrayBuffer>;
const closers: (() => void)[] = [];

before(async () => {
  await init();
  bytes = new Uint8Array(await readFile(path));
});
after(() => {
  for (const close of closers) close();
});

function greedy(model: WasmModel, maxTokens = 300): WasmModel {
  model.set_config(maxTokens, 0, 1, 0, 1);
  return model;
}

function hasCode(code: string): (error: unknown) => boolean {
  return (error) => error instanceof ChordError && error.code === code && error.message !== '';
}

test('every call, and how long it takes', async (t) => {
  assert.match(version(), /^\d+\.\d+\.\d+$/);
  const prompt = format_chat(undefined, question, 'chatml');
  assert.equal(prompt, `<|im_start|>user\n${question}<|im_end|>\n<|im_start|>assistant\n`);
  assert.notEqual(format_chat('You are kind.', question, 'zephyr'), format_chat('You are kind.', question, 'chatml'));
  assert.throws(() => format_chat(null, question, 'unknown'), hasCode('invalid_argument'));

  const begin = performance.now();
  const progress: [number, number | undefined][] = [];
  const model = await WasmModel.load(path, { onProgress: (loaded, total) => progress.push([loaded, total]) });
  const loaded = performance.now();
  assert.deepEqual(progress.at(-1), [bytes.length, bytes.length]);
  greedy(model);

  assert.equal(model.generate(prompt), answer);
  const pieces: string[] = [];
  const streamed = model.generate_stream(prompt, (text) => {
    pieces.push(text);
  });
  assert.equal(streamed, answer);
  assert.equal(pieces.join(''), answer);
  assert.ok(pieces.length > 5);
  const two: string[] = [];
  const stopped = model.generate_stream(prompt, (text) => two.push(text) < 2);
  assert.equal(stopped, pieces.slice(0, 2).join(''));

  // Another prompt, so that nothing of it is in the cache.
  const story = format_chat(undefined, 'Tell me a story about a cat and a boat.', 'chatml');
  const start = performance.now();
  const stream = model.generate_async(story);
  assert.ok(stream instanceof AsyncTokenStream);
  const first = await stream.next();
  const firstAt = performance.now();
  assert.equal(first.done, false);
  assert.equal(stream.is_complete(), false);
  const rest: string[] = [];
  for await (const piece of stream.get_async_iterator()) rest.push(piece);
  const end = performance.now();
  assert.ok(stream.is_complete());
  assert.ok(stream.token_count() > 50);

  const info = model.get_model_info();
  assert.equal(info.architecture, 'llama');
  assert.equal(info.quantization, 'Q8_0');
  assert.equal(info.is_browser_model, true);
  assert.equal(info.device, 'cpu');
  assert.equal(info.kernels, engineFeatures().relaxedSimd ? 'relaxed' : 'simd128');
  assert.equal(info.threads, chooseThreads(undefined, availableParallelism()));
  for (const key of ['vocab_size', 'hidden_size', 'num_layers', 'num_heads', 'num_kv_heads', 'max_seq_len'] as const) {
    assert.ok(info[key] > 0, key);
  }
  assert.ok(info.parameter_count > 6e6 && info.parameter_count < 9e6);
  assert.ok(info.memory.data >= info.memory.weights + info.memory.kv_cache);
  assert.ok(info.memory.kv_cache > 0 && info.memory.scratch > 0 && info.memory.control > 0);

  const ids = model.tokenize(prompt);
  assert.equal(model.detokenize(ids, true), prompt);
  assert.equal(WasmModel.is_gpu_available(), false);
  assert.throws(() => model.init_gpu(), { code: 'invalid_argument', message: /init_gpu_async/ });
  await assert.rejects(model.init_gpu_async(), hasCode('gpu_unavailable'));
  model.free();
  model.free();
  assert.throws(() => model.generate(prompt), hasCode('closed'));

  const speed = ((stream.token_count() - 1) / (end - firstAt)) * 1000;
  t.diagnostic(
    `load ${(loaded - begin).toFixed(0)} ms, first token ${(firstAt - start).toFixed(0)} ms, ${speed.toFixed(0)} tok/s`,
  );
});

test('the answers of the references, from every file', async () => {
  const references = answers(readReferences('../'));
  for (const file of filesWithAnswers('../')) {
    const model = greedy(await WasmModel.load(`../${file}`));
    for (const reference of references) {
      assert.deepEqual(model.tokenize(reference.prompt), reference.prompt_ids);
      assert.equal(model.generate(reference.prompt), textOf(reference), `${file}: ${reference.prompt}`);
    }
    model.free();
  }
});

test('every text of the references, from F16', async () => {
  const model = await WasmModel.load(`${folder}chord-tiny-f16.gguf`);
  for (const reference of readReferences('../')) {
    greedy(model, reference.greedy_ids.length);
    assert.equal(model.generate(reference.prompt), textOf(reference));
  }
  model.free();
});

test('every kind of source gives the same model', async () => {
  const requests: string[] = [];
  const origins: string[] = [];
  for (const ranges of [true, false]) {
    const onRequest = (method: string | undefined, file: string): void => {
      requests.push(`${method ?? ''} ${file}`);
    };
    const { server, origin } = await serve({ ranges, onRequest });
    origins.push(origin);
    closers.push(() => {
      server.closeAllConnections();
      server.close();
    });
  }
  const url = '/models/chord-tiny/chord-tiny-q8_0.gguf';
  const sources = [
    path,
    new URL(`file://${process.cwd()}/${path}`),
    ...origins.map((origin) => origin + url),
    new Blob([bytes]),
    new File([bytes], 'model.gguf'),
    bytes,
    bytes.buffer,
    {
      size: bytes.length,
      read: (offset: number, length: number) => bytes.slice(offset, offset + Math.min(length, 5000)),
    },
  ];
  for (const source of sources) {
    const model = greedy(await WasmModel.load(source));
    assert.equal(model.generate(format_chat(null, question, 'chatml')), answer);
    model.free();
  }
  assert.deepEqual(requests, [`GET ${url}`, `GET ${url}`]);
  const model = greedy(new WasmModel(bytes));
  let text = '';
  for await (const piece of model.generate_async(format_chat(null, question, 'chatml'))) text += piece;
  assert.equal(text, answer);
  model.free();
});

test('the seed decides the text, and without one it varies', async () => {
  const model = await WasmModel.load(path, { contextLength: 512, kvType: 'f32' });
  const prompt = format_chat(null, 'Tell me a story.', 'chatml');
  const run = (seed: number | undefined): string => {
    model.set_config(40, 2, 1, 0, 1, { seed });
    return model.generate(prompt);
  };
  const seven = run(7);
  assert.equal(run(7), seven);
  assert.notEqual(run(8), seven);
  assert.notEqual(run(undefined), run(undefined));
  model.free();
});

test('a stop string ends the text before it', async () => {
  const model = await WasmModel.load(path);
  model.set_config(100, 0, 1, 0, 1, { stop: ['nce is P'] });
  assert.equal(model.generate(format_chat(null, question, 'chatml')), 'The capital of Fra');
  model.free();
});

test('a generation stops at max_tokens, at the end of the context, and starts anew', async () => {
  const model = greedy(await WasmModel.load(path, { contextLength: 32 }), 5);
  const prompt = format_chat(null, 'Tell me a story about a cat and a boat.', 'chatml');
  const stream = model.generate_async(prompt);
  const pieces: string[] = [];
  for await (const piece of stream) pieces.push(piece);
  assert.equal(stream.token_count(), 5);
  model.set_config(Infinity);
  assert.ok(model.generate(prompt).startsWith(pieces.join('')));
  assert.throws(() => model.generate('word '.repeat(100)), hasCode('context_overflow'));
  model.set_config(5);
  assert.equal(model.generate(prompt), pieces.join(''));
  model.free();
});

test('busy, closed and left streams on the real model', async () => {
  const model = greedy(await WasmModel.load(path));
  const story = format_chat(null, 'Tell me a story about a cat and a boat.', 'chatml');
  const stream = model.generate_async(story);
  assert.throws(() => model.generate(story), hasCode('busy'));
  for await (const piece of stream) if (piece !== '') break;
  assert.equal(stream.token_count(), 1);
  assert.equal(model.generate(format_chat(null, question, 'chatml')), answer);
  const left = model.generate_async(story);
  const waiting = left.next();
  model.free();
  await assert.rejects(waiting, hasCode('closed'));
});

test('free gives the memory back', async () => {
  // Each holds about 20 MB; a process that kept them all would pass 2 GB.
  const before = process.memoryUsage().rss;
  for (let i = 0; i < 100; ++i) {
    const model = greedy(new WasmModel(bytes), 1);
    model.generate('a');
    model.free();
    if (i % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.ok(process.memoryUsage().rss - before < 1e9);
});

test('files that are no model', async () => {
  const cut = async (length: number): Promise<unknown> => WasmModel.load(bytes.slice(0, length));
  await assert.rejects(cut(0), ChordError);
  await assert.rejects(cut(100), ChordError);
  await assert.rejects(cut(bytes.length - 1), ChordError);
  await assert.rejects(WasmModel.load(new Uint8Array(1000)), hasCode('invalid_gguf'));
  await assert.rejects(
    WasmModel.load(new TextEncoder().encode('<!doctype html>'.repeat(100))),
    hasCode('invalid_gguf'),
  );
  assert.throws(() => new WasmModel(bytes.slice(0, 1000)), ChordError);
  await assert.rejects(WasmModel.load('nowhere.gguf'), hasCode('io'));
  const failing = { size: bytes.length, read: () => Promise.reject(new Error('the disk')) };
  await assert.rejects(WasmModel.load(failing), { code: 'io', message: /the disk/ });
});

test('the signal stops a load', async () => {
  await assert.rejects(WasmModel.load(path, { signal: AbortSignal.abort() }), hasCode('cancelled'));
  const controller = new AbortController();
  const loading = WasmModel.load(bytes, {
    signal: controller.signal,
    onProgress: (loaded) => {
      if (loaded > bytes.length / 2) controller.abort();
    },
  });
  await assert.rejects(loading, hasCode('cancelled'));
});
