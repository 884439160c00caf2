// Generation on the GPU, against models/chord-tiny/reference.json.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { before, test } from 'node:test';
import { ChordError } from '../../src/errors.js';
import { WasmModel } from '../../src/wasm_model.js';
import type { LoadOptions } from '../../src/wasm_model.js';
import { answers, readReferences, textOf } from '../references.js';
import { initWebgpu, logitsOf, openSwiftShader, placedModel } from './device.js';

const folder = '../models/chord-tiny/';
const path = `${folder}chord-tiny-q8_0.gguf`;
const all = readReferences('../');
// SwiftShader takes its time: the others are the CPU's to answer.
const short = answers(all)
  .filter(({ prompt_ids }) => prompt_ids.length < 100)
  .slice(0, 2);
const onGpu: LoadOptions = { device: 'webgpu', softwareAdapter: true, contextLength: 256 };

before(initWebgpu);

async function textFrom(model: WasmModel, prompt: string, signal?: AbortSignal): Promise<string> {
  let text = '';
  for await (const piece of model.generate_async(prompt, { signal })) text += piece;
  return text;
}

function greedy(model: WasmModel, maxTokens = 60): WasmModel {
  model.set_config(maxTokens, 0, 1, 0, 1);
  return model;
}

function hasCode(code: string): (error: unknown) => boolean {
  return (error) => error instanceof ChordError && error.code === code && error.message !== '';
}

test('the answers of the references', async () => {
  const compiled: number[][] = [];
  const onCompile = (done: number, total: number): number => compiled.push([done, total]);
  const model = greedy(await WasmModel.load(path, { ...onGpu, onCompile }));
  const [done = 0, total] = compiled.at(-1) ?? [];
  assert.ok(done > 10 && done === total);
  assert.deepEqual(
    compiled.map(([seen = 0]) => seen),
    compiled.map(([seen = 0]) => seen).sort((a, b) => a - b),
  );
  assert.equal(model.get_model_info().device, 'webgpu');
  assert.equal(model.get_model_info().kernels, 'webgpu');
  assert.ok(model.get_model_info().memory.kv_cache > 0);
  for (const reference of short) assert.equal(await textFrom(model, reference.prompt), textOf(reference));
  model.free();
});

test('greedy ids of the references, from F16', async () => {
  const model = await placedModel(`${folder}chord-tiny-f16.gguf`, await openSwiftShader());
  for (const { prompt_ids, greedy_ids } of all.filter(({ greedy_ids }) => greedy_ids.length > 100).slice(0, 1)) {
    const ids = greedy_ids.slice(0, 24);
    const rows = await logitsOf(model, [...prompt_ids, ...ids.slice(0, -1)]);
    const chosen = rows.slice(prompt_ids.length - 1).map((row) => row.indexOf(Math.max(...row)));
    assert.deepEqual(chosen, ids);
  }
  model.core.discard();
});

test('a seed chooses on the GPU what it chooses on the CPU, penalties and whole rows included', async () => {
  const [gpu, cpu] = await Promise.all([WasmModel.load(path, onGpu), WasmModel.load(path, { contextLength: 256 })]);
  const prompt = 'Once upon a time';
  const settings = [
    [12, 0.8, 0.9, 40, 1.3],
    [6, 1.5, 1, 0, 1],
    [6, 1.2, 0.95, 0, 1.1],
  ] as const;
  for (const [maxTokens, temperature, topP, topK, repetition] of settings) {
    for (const model of [gpu, cpu]) model.set_config(maxTokens, temperature, topP, topK, repetition, { seed: 7 });
    assert.equal(await textFrom(gpu, prompt), cpu.generate(prompt));
  }
  for (const model of [gpu, cpu]) model.free();
});

test('a synchronous generation names the asynchronous one', async () => {
  const model = await WasmModel.load(path, onGpu);
  assert.throws(() => model.generate('a'), { code: 'invalid_argument', message: /generate_async/ });
  model.free();
});

test('leaving, aborting and freeing in mid-stream', async () => {
  const model = greedy(await WasmModel.load(path, onGpu));
  const story = all[1]?.prompt ?? '';
  for await (const piece of model.generate_async(story)) if (piece !== '') break;
  const controller = new AbortController();
  const aborted = model.generate_async(story, { signal: controller.signal });
  await aborted.next();
  const waiting = aborted.next();
  controller.abort();
  await assert.rejects(waiting, hasCode('cancelled'));
  const left = model.generate_async(story);
  await left.next();
  const last = left.next();
  model.free();
  await assert.rejects(last, hasCode('closed'));
});

test('a model moves to the GPU before and after its first generation', async () => {
  const [{ prompt }, expected] = [short[0] ?? assert.fail(), textOf(short[0] ?? assert.fail())];
  const unplaced = greedy(new WasmModel(new Uint8Array(await readFile(path)), { contextLength: 128 }));
  await unplaced.init_gpu_async({ softwareAdapter: true });
  assert.equal(unplaced.get_model_info().device, 'webgpu');
  assert.equal(unplaced.get_model_info().memory.data, 0);
  assert.equal(await textFrom(unplaced, prompt), expected);
  unplaced.free();

  const loaded = greedy(await WasmModel.load(path, { contextLength: 128 }));
  assert.equal(loaded.generate(prompt), expected);
  const stream = loaded.generate_async(prompt);
  await stream.next();
  await assert.rejects(loaded.init_gpu_async({ softwareAdapter: true }), hasCode('busy'));
  await stream.return();
  const moving = loaded.init_gpu_async({ softwareAdapter: true });
  assert.throws(() => loaded.generate(prompt), hasCode('busy'));
  await moving;
  assert.equal(loaded.get_model_info().device, 'webgpu');
  assert.equal(await textFrom(loaded, prompt), expected);
  loaded.free();

  const given = greedy(new WasmModel(new Uint8Array(await readFile(path)), { contextLength: 128 }), 1);
  given.generate(prompt);
  await assert.rejects(given.init_gpu_async({ softwareAdapter: true }), hasCode('source_consumed'));
  assert.equal(greedy(given).generate(prompt), expected);
  given.free();
});
