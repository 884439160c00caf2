// Embeddings on the GPU, against the CPU's and llama.cpp's.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { load } from '../../src/index.js';
import type { EngineOptions } from '../../src/engine/types.js';
import { tinyEncoder } from '../tiny_encoder.js';
import { installDawn, normalizedError } from './device.js';

const assets = pathToFileURL('dist/node-webgpu/');
const onGpu: EngineOptions = { device: 'webgpu', softwareAdapter: true, worker: false, assets };
const folder = mkdtempSync(join(tmpdir(), 'chord-embeddings-'));

before(installDawn);
after(() => {
  rmSync(folder, { recursive: true });
});

/** What the GPU and the CPU make of texts. */
async function onBoth(
  source: string | Uint8Array<ArrayBuffer>,
  texts: readonly string[],
  options: object = {},
): Promise<{ gpu: Float32Array[]; cpu: Float32Array[] }> {
  const made: Float32Array[][] = [];
  for (const device of ['webgpu', 'cpu'] as const) {
    const engine = await load(source, { ...onGpu, device });
    assert.equal(engine.info.device, device);
    made.push(await engine.embed(texts, options));
    await engine.dispose();
  }
  const [gpu = [], cpu = []] = made;
  assert.equal(gpu.length, texts.length);
  return { gpu, cpu };
}

const texts = ['how are vectors made?', 'a', 'a dog and a cat', '', 'the quick brown fox jumps over it all.'];

for (const pooling of ['mean', 'cls'] as const) {
  test(`an encoder's, pooled by ${pooling}: the CPU's`, async (t) => {
    const { gpu, cpu } = await onBoth(tinyEncoder(), texts, { pooling, normalize: false });
    const error = Math.max(...gpu.map((vector, i) => normalizedError(vector, cpu[i] ?? [])));
    t.diagnostic(`NMSE ${error}`);
    assert.ok(error < 1e-10);
  });
}

test("a decoder's last and mean: the CPU's", async (t) => {
  const model = '../models/chord-tiny/chord-tiny-q8_0.gguf';
  for (const pooling of ['last', 'mean'] as const) {
    const { gpu, cpu } = await onBoth(model, ['Once upon a time', 'Once upon a'], { pooling });
    const error = Math.max(...gpu.map((vector, i) => normalizedError(vector, cpu[i] ?? [])));
    t.diagnostic(`NMSE ${error}`);
    assert.ok(error < 1e-3);
  }
});

const program = '../build/native/bin/chord';
const readJson = (name: string): unknown => JSON.parse(readFileSync(`../tests/program/${name}`, 'utf8'));

function isReference(value: unknown): value is { every: number } & Record<string, { embeddings: number[][] }> {
  return typeof value === 'object' && value !== null && 'every' in value;
}

for (const shape of ['tiny-bert', 'tiny-nomic', 'tiny-qwen3-embedding']) {
  test(`${shape}: llama.cpp's`, { skip: !existsSync(program) && 'the program is not built' }, async (t) => {
    const file = join(folder, `${shape}.gguf`);
    execFileSync(program, ['synth', '--shape', shape, '--type', 'f32', file]);
    const [given, reference] = [readJson('embedding_texts.json'), readJson('embeddings.json')];
    assert.ok(Array.isArray(given) && isReference(reference));
    const some = given.slice(0, 4).map(String);
    const engine = await load(file, onGpu);
    const vectors = await engine.embed(some);
    await engine.dispose();
    const errors = vectors.map((vector, i) =>
      normalizedError(
        vector.filter((_, k) => k % reference.every === 0),
        reference[shape]?.embeddings[i] ?? [],
      ),
    );
    t.diagnostic(`NMSE ${Math.max(...errors)}`);
    assert.ok(Math.max(...errors) < 1e-5);
  });
}

test('an engine takes the GPU for them, and a caller is told which it was', async () => {
  const path = join(folder, 'encoder.gguf');
  writeFileSync(path, tinyEncoder());
  const engine = await load(path, { ...onGpu, device: 'auto' });
  assert.deepEqual([engine.info.device, engine.info.generates], ['webgpu', false]);
  const controller = new AbortController();
  const work = engine.embed(Array.from({ length: 500 }, () => 'a cat'), { signal: controller.signal });
  setTimeout(() => {
    controller.abort();
  }, 20);
  await assert.rejects(work, { code: 'cancelled' });
  assert.equal((await engine.embed('a cat')).length, 1);
  await engine.dispose();
});
