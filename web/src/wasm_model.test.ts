import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeFile, initFakes } from '../test/fakes.js';
import { AsyncTokenStream, ChordError, WasmModel, format_chat, version } from './index.js';

const everything = 'one two three Zoë five!';

async function collect(stream: AsyncIterable<string>): Promise<string[]> {
  const pieces: string[] = [];
  for await (const piece of stream) pieces.push(piece);
  return pieces;
}

function hasCode(code: string): (error: unknown) => boolean {
  return (error) => error instanceof ChordError && error.code === code && error.message !== '';
}

test('a model cannot be made before init', () => {
  assert.throws(() => new WasmModel(fakeFile()), hasCode('not_initialized'));
  assert.throws(() => version(), hasCode('not_initialized'));
});

test('free functions', async () => {
  await initFakes();
  assert.equal(version(), '0.1.0-fake');
  assert.equal(format_chat('a', 'b', 'fake'), 'ab');
  assert.equal(format_chat(undefined, 'b', 'fake'), 'b');
  assert.equal(format_chat(null, 'ö'.repeat(400), 'fake'), 'ö'.repeat(400));
  assert.throws(() => format_chat(null, 'b', 'nothing'), hasCode('invalid_argument'));
});

test('generate returns the new text only, again and again', () => {
  const model = new WasmModel(fakeFile());
  assert.equal(model.generate('prompt'), everything);
  assert.equal(model.generate('prompt'), everything);
  model.set_config(2);
  assert.equal(model.generate('prompt'), 'one two !');
  model.free();
});

test('generate_stream hands out whole characters and stops where the callback says so', () => {
  const model = new WasmModel(fakeFile());
  const pieces: string[] = [];
  assert.equal(
    model.generate_stream('prompt', (text) => {
      pieces.push(text);
    }),
    everything,
  );
  assert.deepEqual(pieces, ['one ', 'two ', 'three ', 'Zoë ', 'five', '!']);
  assert.equal(
    model.generate_stream('prompt', (text) => text !== 'two '),
    'one two ',
  );
  assert.throws(
    () =>
      model.generate_stream('prompt', () => {
        throw new TypeError('mine');
      }),
    TypeError,
  );
  assert.equal(model.generate('prompt'), everything);
  model.free();
});

test('a stream gives one piece at a time while the event loop runs', async () => {
  const model = new WasmModel(fakeFile());
  const stream = model.generate_async('slow');
  assert.ok(stream instanceof AsyncTokenStream);
  assert.equal(stream.token_count(), 0);
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  const ticksAt: number[] = [];
  for await (const piece of stream.get_async_iterator()) {
    assert.notEqual(piece, '');
    ticksAt.push(ticks);
  }
  clearInterval(timer);
  assert.ok(stream.is_complete());
  assert.equal(stream.token_count(), 7);
  assert.ok(
    ticksAt.every((count, index) => count > (ticksAt[index - 1] ?? 0)),
    `the timer ticked between all pieces: ${ticksAt.join()}`,
  );
  assert.deepEqual(await stream.next(), { value: undefined, done: true });
  model.free();
});

test('overlapping calls of next are answered in order', async () => {
  const model = new WasmModel(fakeFile());
  const stream = model.generate_async('prompt');
  const results = await Promise.all([stream.next(), stream.next(), stream.next()]);
  assert.deepEqual(
    results.map(({ value }) => value),
    ['one ', 'two ', 'three '],
  );
  assert.equal(stream.is_complete(), false);
  assert.deepEqual(await collect(stream), ['Zoë ', 'five', '!']);
  model.free();
});

test('leaving the loop stops the work and frees the model for the next generation', async () => {
  const model = new WasmModel(fakeFile());
  const stream = model.generate_async('long');
  for await (const piece of stream) if (piece === 'two ') break;
  assert.ok(stream.is_complete());
  assert.equal(stream.token_count(), 2);
  assert.equal(model.generate('prompt'), everything);
  model.free();
});

test('return() answers the calls of next that still wait', async () => {
  const model = new WasmModel(fakeFile());
  const stream = model.generate_async('slow');
  const waiting = stream.next();
  assert.deepEqual(await stream.return(), { value: undefined, done: true });
  assert.deepEqual(await waiting, { value: undefined, done: true });
  model.free();
});

test('waiting for the host lets the event loop run', async () => {
  const model = new WasmModel(fakeFile());
  assert.equal((await collect(model.generate_async('wait'))).join(''), everything);
  model.free();
});

test('the signal stops a stream, before it began and in the middle', async () => {
  const model = new WasmModel(fakeFile());
  const aborted = model.generate_async('prompt', { signal: AbortSignal.abort('why') });
  await assert.rejects(aborted.next(), (error: Error) => hasCode('cancelled')(error) && error.cause === 'why');

  const controller = new AbortController();
  const stream = model.generate_async('long', { signal: controller.signal });
  await stream.next();
  const waiting = stream.next();
  controller.abort();
  assert.ok(stream.is_complete());
  await assert.rejects(waiting, hasCode('cancelled'));
  assert.equal(model.generate('prompt'), everything);
  model.free();
});

test('a second generation while one runs is busy', async () => {
  const model = new WasmModel(fakeFile());
  const stream = model.generate_async('prompt');
  assert.throws(() => model.generate('prompt'), hasCode('busy'));
  assert.throws(() => model.generate_async('prompt'), hasCode('busy'));
  assert.throws(() => model.generate_stream('prompt', () => true), hasCode('busy'));
  assert.equal((await collect(stream)).join(''), everything);
  assert.throws(() => model.generate_stream('prompt', () => model.generate('prompt') === ''), hasCode('busy'));
  assert.equal(model.generate('prompt'), everything);
  model.free();
});

test('free in mid-stream closes what waits and what comes later', async () => {
  const model = new WasmModel(fakeFile());
  const stream = model.generate_async('slow');
  const waiting = [stream.next(), stream.next()];
  model.free();
  for (const next of waiting) await assert.rejects(next, hasCode('closed'));
  await assert.rejects(stream.next(), hasCode('closed'));
  assert.ok(stream.is_complete());
  assert.deepEqual(await stream.return(), { value: undefined, done: true });
  model.free();
  assert.throws(() => model.generate('prompt'), hasCode('closed'));
  assert.throws(() => model.generate_async('prompt'), hasCode('closed'));
  assert.throws(() => model.get_model_info(), hasCode('closed'));
  assert.throws(() => {
    model.set_config(1);
  }, hasCode('closed'));
  await assert.rejects(model.init_gpu_async(), hasCode('closed'));
});

test('free inside a callback is closed', () => {
  const model = new WasmModel(fakeFile());
  assert.throws(
    () =>
      model.generate_stream('prompt', () => {
        model.free();
      }),
    hasCode('closed'),
  );
});

test('a failing step rejects, and the model lives on', async () => {
  const model = new WasmModel(fakeFile());
  assert.throws(() => model.generate('error'), { code: 'io', message: 'the step failed' });
  const stream = model.generate_async('error');
  assert.equal((await stream.next()).value, 'one ');
  await assert.rejects(stream.next(), hasCode('io'));
  assert.deepEqual(await stream.next(), { value: undefined, done: true });
  assert.equal(model.generate('prompt'), everything);
  model.free();
});

test('a trap is an internal error and closes the model', async () => {
  const model = new WasmModel(fakeFile());
  await assert.rejects(collect(model.generate_async('trap')), hasCode('internal'));
  assert.throws(() => model.generate('prompt'), hasCode('closed'));
  model.free();
});

test('a control module that gets no more memory is out_of_memory and closes the model', () => {
  const model = new WasmModel(fakeFile());
  assert.throws(() => model.generate('grow'), {
    code: 'out_of_memory',
    message: /wanted 67108864 bytes beside the \d+ it holds; \d+ bytes available/,
  });
  assert.throws(() => model.generate('prompt'), hasCode('closed'));
});

test('set_config keeps what is left out and names what is wrong', () => {
  const model = new WasmModel(fakeFile());
  model.set_config(undefined, 0);
  model.set_config(Infinity, undefined, 1, 0, 1, { seed: 2n ** 64n - 1n, stop: ['x'] });
  const wrong: [Parameters<WasmModel['set_config']>, RegExp][] = [
    [[0], /^max_tokens is 0; allowed is a whole number from 1/],
    [[1.5], /^max_tokens/],
    [[NaN], /^max_tokens/],
    [[1, -1], /^temperature/],
    [[1, NaN], /^temperature/],
    [[1, 1, 0], /^top_p/],
    [[1, 1, 1.1], /^top_p/],
    [[1, 1, 1, -1], /^top_k/],
    [[1, 1, 1, 1, 0], /^repetition_penalty/],
    [[1, 1, 1, 1, 1, { seed: -1 }], /^seed/],
    [[1, 1, 1, 1, 1, { seed: 2 ** 60 }], /^seed/],
    [[1, 1, 1, 1, 1, { stop: [''] }], /^stop/],
  ];
  for (const [config, message] of wrong) {
    assert.throws(
      () => {
        model.set_config(...config);
      },
      { code: 'invalid_argument', message },
    );
  }
  model.free();
});

test('tokenize and detokenize', () => {
  const model = new WasmModel(fakeFile());
  assert.deepEqual(model.tokenize('ab'), [97, 98]);
  assert.deepEqual(model.tokenize(''), []);
  assert.equal(model.detokenize([97, 98]), 'a'.repeat(10) + 'b'.repeat(10));
  model.free();
});

test('a model describes itself', async () => {
  const model = new WasmModel(fakeFile());
  const before = model.get_model_info();
  assert.equal(before.kernels, '');
  assert.equal(before.memory.weights, 0);
  assert.equal(before.memory.data, 0);
  model.generate('prompt');
  const info = model.get_model_info();
  assert.equal(info.vocab_size, 256);
  assert.equal(info.hidden_size, 64);
  assert.equal(info.num_layers, 2);
  assert.equal(info.num_heads, 4);
  assert.equal(info.max_seq_len, 8192);
  assert.equal(info.context_length, 4096);
  assert.equal(info.is_browser_model, true);
  assert.equal(info.kernels, 'simd128');
  assert.equal(info.memory.kv_cache, 1000);
  assert.ok(info.memory.data > 200_000);
  assert.equal(WasmModel.is_gpu_available(), false);
  assert.throws(() => model.init_gpu(), { code: 'invalid_argument', message: /init_gpu_async/ });
  await assert.rejects(model.init_gpu_async(), hasCode('gpu_unavailable'));
  model.free();

  const large = new WasmModel(fakeFile(), { contextLength: 2 ** 24, kvType: 'f32' });
  assert.equal(large.get_model_info().is_browser_model, false);
  large.free();
});

test('a broken file, a wrong type, wrong options', () => {
  assert.throws(() => new WasmModel(new Uint8Array(100)), { code: 'invalid_gguf', message: 'not a fake' });
  assert.throws(() => new WasmModel(fakeFile(4)), hasCode('io'));
  assert.throws(() => new WasmModel(fakeFile(), { contextLength: -1 }), hasCode('invalid_argument'));
  assert.throws(() => Reflect.construct(WasmModel, ['path']), hasCode('invalid_argument'));
});
