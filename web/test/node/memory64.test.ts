// Models whose weights, keys and values, and activations do not fit 4 GiB.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import init, { WasmModel } from 'wasm-chord';
import { engineFeatures } from '../../src/host/modules.js';

const { relaxedSimd, memory64 } = engineFeatures();
const prompt = 'Once upon a time there was a little girl who';

/** chord-tiny, said to be trained for so many tokens. */
async function withContext(contextLength: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(await readFile('../models/chord-tiny/chord-tiny-q8_0.gguf'));
  const key = new TextEncoder().encode('llama.context_length');
  const at = Buffer.from(bytes.buffer).indexOf(key);
  assert.ok(at > 0);
  // The key is followed by the type of its value, and that.
  new DataView(bytes.buffer).setUint32(at + key.length + 4, contextLength, true);
  return bytes;
}

async function textFrom(model: WasmModel): Promise<string> {
  model.set_config(40, 0, 1, 0, 1);
  let text = '';
  for await (const piece of model.generate_async(prompt)) text += piece;
  return text;
}

const contextLength = 2_000_000;

test('a model past 4 GiB gets a memory with 64-bit addresses', { skip: !(relaxedSimd && memory64) }, async () => {
  await init();
  const bytes = await withContext(contextLength);
  const small = await WasmModel.load(bytes, { contextLength: 512 });
  const large = await WasmModel.load(bytes, { contextLength });
  const expected = await textFrom(small);
  assert.equal(small.get_model_info().kernels, 'relaxed');
  // The activations lie behind the keys and values, so what is computed is past 4 GiB.
  assert.equal(await textFrom(large), expected);
  const { kernels, memory } = large.get_model_info();
  assert.equal(kernels, 'relaxed64');
  assert.ok(memory.kv_cache > 2 ** 32);
  small.free();
  large.free();
});

test('an engine without such memories says so, with both numbers', { skip: memory64 }, async () => {
  await init();
  await assert.rejects(WasmModel.load(await withContext(contextLength), { contextLength }), {
    code: 'out_of_memory',
    message: /needs \d{10} bytes.* at most 4294967296,.* has no 64-bit memories/,
  });
});

test('a model in a buffer, whose kernels are chosen before, says how much its memory may have', async () => {
  await init();
  const model = new WasmModel(await withContext(contextLength), { contextLength });
  assert.throws(() => model.generate(prompt), { code: 'out_of_memory', message: /bytes wanted.*4294967296/ });
  model.free();
});
