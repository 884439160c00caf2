// What there is, and what a model would take.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { test } from 'node:test';
import { ChordError, capabilities, estimate, load } from 'wasm-chord';
import { flakyServer } from '../flaky_server.js';
import { engineFeatures } from '../../src/host/modules.js';

const path = '../models/chord-tiny/chord-tiny-q8_0.gguf';

test('an estimate reads the header only, and is what the engine takes', async () => {
  const bytes = new Uint8Array(await readFile(path));
  let read = 0;
  const source = {
    size: bytes.length,
    read: (offset: number, length: number) => {
      read = Math.max(read, offset + length);
      return bytes.slice(offset, offset + length);
    },
  };
  const seen = await estimate(source);
  assert.ok(read > 1000 && read < bytes.length / 2, String(read));
  assert.deepEqual([seen.name, seen.architecture, seen.quantization], ['Chord Tiny', 'llama', 'Q8_0']);
  assert.deepEqual([seen.contextLength, seen.trainedContextLength, seen.fits], [512, 512, true]);
  assert.ok(seen.available > 0 && seen.available <= totalmem() / 2);

  const engine = await load(path, { device: 'cpu' });
  const { weights, kvCache, scratch } = engine.info.memory;
  assert.deepEqual([seen.memory.kvCache, seen.memory.scratch], [kvCache, scratch]);
  assert.ok(Math.abs(seen.memory.weights - weights) < 0.1 * weights);
  assert.equal(seen.conversations, engine.info.conversations);
  await engine.dispose();

  const short = await estimate(path, { contextLength: 256, kvType: 'f32' });
  assert.equal(short.contextLength, 256);
  assert.equal(short.memory.kvCache, seen.memory.kvCache);
});

test('of a file behind a URL no more than that is asked for', async () => {
  const server = await flakyServer(new Uint8Array(await readFile(path)));
  try {
    assert.equal((await estimate(`${server.origin}/m.gguf`)).name, 'Chord Tiny');
    assert.deepEqual(server.requests, ['GET /m.gguf bytes=0-2097151']);
  } finally {
    server.close();
  }
});

test('a context that nobody asked for is halved until it fits', async () => {
  // chord-tiny, said to be trained for so many tokens; and conversations of whose size the default is half.
  const bytes = new Uint8Array(await readFile(path));
  const key = new TextEncoder().encode('llama.context_length');
  const at = Buffer.from(bytes.buffer).indexOf(key);
  new DataView(bytes.buffer).setUint32(at + key.length + 4, 100_000, true);
  assert.equal((await estimate(bytes)).contextLength, 8192);
  const all = await estimate(bytes, { contextLength: 100_000 });
  assert.equal(all.contextLength, 100_000);
  assert.ok(all.memory.kvCache > 1e8);
  assert.equal((await estimate(bytes, { memoryBudget: 0 })).conversations, 1);
});

test('errors of an estimate', async () => {
  await assert.rejects(estimate(new Uint8Array(100)), (error) => error instanceof ChordError);
  await assert.rejects(estimate('nowhere.gguf'), { code: 'io' });
  await assert.rejects(estimate(path, { contextLength: 1e6 }), { code: 'invalid_argument' });
  await assert.rejects(estimate(path, { signal: AbortSignal.abort() }), { code: 'cancelled' });
});

test('capabilities', async () => {
  const seen = await capabilities();
  const { simd, relaxedSimd, memory64 } = engineFeatures();
  assert.deepEqual([seen.simd, seen.relaxedSimd, seen.memory64], [simd, relaxedSimd, memory64]);
  assert.deepEqual([seen.sharedMemory, seen.workers, seen.storage.kind], [true, true, 'disk']);
  assert.ok(seen.threads >= 1 && seen.threads <= seen.processors && seen.modelBytes > 0);
  assert.deepEqual(seen.gpu, {
    available: false,
    name: '',
    reason: 'this build of wasm-chord runs on the CPU only: import wasm-chord/webgpu',
  });
});
