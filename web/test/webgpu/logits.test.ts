// Logits of whole models on the GPU: llama.cpp's for the architectures, the CPU's for the types.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { initWebgpu, logitsOf, normalizedError, openAsGpu, openSwiftShader, placedModel } from './device.js';

const archs = '../../shared/archs/';
const quants = '../../shared/quants/';

interface Reference {
  tokens: number[];
  logits: { position: number; values: number[] }[];
}

function isReference(value: unknown): value is Reference {
  return typeof value === 'object' && value !== null && 'tokens' in value && 'logits' in value;
}

function readReference(path: string): Reference {
  const json: unknown = JSON.parse(readFileSync(path, 'utf8'));
  assert.ok(isReference(json));
  return json;
}

const files = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.gguf')) : [];

const flat = (rows: Float32Array[]): number[] => rows.flatMap((row) => [...row]);

before(initWebgpu);

for (const file of files(archs)) {
  test(`${file}: llama.cpp's logits`, async (t) => {
    const reference = readReference(archs + file.replace('.gguf', '.logits.json'));
    const model = await placedModel(archs + file, await openSwiftShader());
    const rows = await logitsOf(model, reference.tokens);
    const errors = reference.logits.map(({ position, values }) => normalizedError(rows[position] ?? [], values));
    model.core.discard();
    t.diagnostic(`NMSE ${Math.max(...errors)}`);
    assert.ok(Math.max(...errors) < 1e-10);
  });
}

for (const file of files(quants)) {
  test(`${file}: the CPU's logits`, async (t) => {
    const tokens = readReference(quants + file.replace('.gguf', '.logits.json')).tokens.slice(0, 12);
    const gpu = await placedModel(quants + file, await openSwiftShader());
    const cpu = await placedModel(quants + file, undefined);
    const error = normalizedError(flat(await logitsOf(gpu, tokens)), flat(await logitsOf(cpu, tokens)));
    gpu.core.discard();
    t.diagnostic(`NMSE ${error}`);
    assert.ok(error < 1e-3);
  });
}

// Windows, caps, norms behind products, gates of another kind, layers that rotate nothing, scales.
const program = '../build/native/bin/chord';
const folder = mkdtempSync(join(tmpdir(), 'chord-logits-'));
after(() => {
  rmSync(folder, { recursive: true });
});
const tokens = [11, 48, 85, 122, 159, 196, 233, 270, 307, 344, 381];
for (const shape of ['tiny-gemma2', 'tiny-gemma3', 'tiny-phi3', 'tiny-smollm3', 'tiny-olmo2', 'tiny-granite']) {
  test(`${shape}: the CPU's logits`, { skip: !existsSync(program) && 'the program is not built' }, async (t) => {
    const file = join(folder, `${shape}.gguf`);
    execFileSync(program, ['synth', '--shape', shape, '--type', 'f32', file]);
    const [gpu, cpu] = [await placedModel(file, await openSwiftShader()), await placedModel(file, undefined)];
    const expected = flat(await logitsOf(cpu, tokens));
    for (const batchLength of [0, 1]) {
      const error = normalizedError(flat(await logitsOf(gpu, tokens, { batchLength })), expected);
      t.diagnostic(`NMSE ${error}`);
      assert.ok(error < 1e-10);
    }
    gpu.core.discard();
  });
}

test(
  "tiny-gemma2 with the kernels of real GPUs for one token: the CPU's logits",
  { skip: !existsSync(program) && 'the program is not built' },
  async (t) => {
    const file = join(folder, 'tiny-gemma2-q8_0.gguf');
    execFileSync(program, ['synth', '--shape', 'tiny-gemma2', '--type', 'q8_0', file]);
    const [gpu, cpu] = [await placedModel(file, await openAsGpu()), await placedModel(file, undefined)];
    const expected = flat(await logitsOf(cpu, tokens.slice(0, 2)));
    const error = normalizedError(flat(await logitsOf(gpu, tokens.slice(0, 2), { batchLength: 1 })), expected);
    t.diagnostic(`NMSE ${error}`);
    assert.ok(error < 1e-3);
    gpu.core.discard();
  },
);

test("keys and values as Q8_0: the CPU's logits", async (t) => {
  const file = '../models/chord-tiny/chord-tiny-q8_0.gguf';
  const tokens = [1, 300, 270, 301, 29];
  const [gpu, cpu] = [await placedModel(file, await openSwiftShader()), await placedModel(file, undefined)];
  const expected = flat(await logitsOf(cpu, tokens, { kvType: 'q8_0' }));
  for (const batchLength of [0, 1]) {
    const error = normalizedError(flat(await logitsOf(gpu, tokens, { batchLength, kvType: 'q8_0' })), expected);
    t.diagnostic(`NMSE ${error}`);
    assert.ok(error < 1e-3);
  }
  gpu.core.discard();
});

// SwiftShader takes seconds for a token here: a few, together and one by one, through two layers, of which only the
// first has values of a type of their own. The second file's types have no products of their own.
const asOnGpus = ['q4_k_m', 'q2_k'].map((type) => `${quants}chord-tiny-${type}.gguf`).filter(existsSync);
for (const file of asOnGpus.length > 0 ? asOnGpus : ['../models/chord-tiny/chord-tiny-q8_0.gguf']) {
  test(`${file} with the kernels of real GPUs: the CPU's logits`, async (t) => {
    const tokens = [1, 200];
    const gpu = await placedModel(file, await openAsGpu(), 2);
    const cpu = await placedModel(file, undefined, 2);
    const expected = flat(await logitsOf(cpu, tokens));
    for (const batch of [2, 1]) {
      const error = normalizedError(flat(await logitsOf(gpu, tokens, { batchLength: batch })), expected);
      t.diagnostic(`NMSE ${error}`);
      assert.ok(error < 1e-3);
    }
    gpu.core.discard();
  });
}
