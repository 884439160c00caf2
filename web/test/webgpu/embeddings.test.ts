// Embeddings on the GPU, against the CPU's and llama.cpp's.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { embedSettings } from '../../src/engine/embed_options.js';
import type { EmbedOptions } from '../../src/engine/embed_options.js';
import { embedAll } from '../../src/engine/embed_run.js';
import type { GpuHost } from '../../src/gpu/host.js';
import { Session, sessionOptions } from '../../src/host/session.js';
import { tinyEncoder } from '../tiny_encoder.js';
import { initWebgpu, normalizedError, openSwiftShader, placedModel } from './device.js';

const folder = mkdtempSync(join(tmpdir(), 'chord-embeddings-'));
const encoder = join(folder, 'encoder.gguf');

before(async () => {
  writeFileSync(encoder, tinyEncoder());
  await initWebgpu();
});
after(() => {
  rmSync(folder, { recursive: true });
});

async function embeddings(
  path: string,
  gpu: GpuHost | undefined,
  texts: readonly string[],
  options: EmbedOptions = {},
): Promise<Float32Array[]> {
  const model = await placedModel(path, gpu);
  const session = new Session(model, sessionOptions(64, 'f32', gpu));
  const keep = (): void => undefined;
  const { signal } = new AbortController();
  const { vectors } = await embedAll(model, texts, embedSettings(options), signal, () => ({ session, keep }));
  model.core.discard();
  assert.equal(vectors.length, texts.length);
  return vectors;
}

/** The largest error of the GPU's vectors, where the CPU's are right. */
async function error(path: string, texts: readonly string[], options: EmbedOptions): Promise<number> {
  const gpu = await embeddings(path, await openSwiftShader(), texts, options);
  const cpu = await embeddings(path, undefined, texts, options);
  return Math.max(...gpu.map((vector, i) => normalizedError(vector, cpu[i] ?? [])));
}

// More than one step holds.
const texts = ['how are vectors made?', 'a', 'a dog and a cat', '', 'the quick brown fox jumps over it all.', 'b'];

for (const pooling of ['mean', 'cls'] as const) {
  test(`an encoder's, pooled by ${pooling}: the CPU's`, async (t) => {
    const seen = await error(encoder, texts, { pooling, normalize: false });
    t.diagnostic(`NMSE ${seen}`);
    assert.ok(seen < 1e-10);
  });
}

for (const pooling of ['last', 'mean'] as const) {
  test(`a decoder's, pooled by ${pooling}: the CPU's`, async (t) => {
    const model = '../models/chord-tiny/chord-tiny-q8_0.gguf';
    const seen = await error(model, ['Once upon a time', 'Once upon a'], { pooling });
    t.diagnostic(`NMSE ${seen}`);
    assert.ok(seen < 1e-3);
  });
}

test('short texts share steps', async (t) => {
  const gpu = await openSwiftShader();
  const submit = t.mock.method(gpu.device.queue, 'submit');
  await embeddings(encoder, gpu, ['a cat']);
  const one = submit.mock.callCount();
  assert.ok(one > 0);
  const again = await openSwiftShader();
  const submits = t.mock.method(again.device.queue, 'submit');
  await embeddings(
    encoder,
    again,
    Array.from({ length: 10 }, () => 'a cat'),
  );
  assert.equal(submits.mock.callCount(), one);
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
    const vectors = await embeddings(file, await openSwiftShader(), given.slice(0, 4).map(String));
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
