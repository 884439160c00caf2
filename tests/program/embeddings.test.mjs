// Token ids and embeddings against llama.cpp's (embeddings.json, made by embeddings_reference.mjs), of models that
// `chord synth` writes.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';

import { chord, inRepository, scratch, succeed, variants } from './program.mjs';

const readJson = (name) => JSON.parse(readFileSync(inRepository(`tests/program/${name}`), 'utf8'));
const texts = readJson('embedding_texts.json');
const { every, ...shapes } = readJson('embeddings.json');
const { folder } = scratch();
const pathOf = (shape, type = 'f32') => join(folder, `${shape}-${type}.gguf`);

before(async () => {
  for (const shape of Object.keys(shapes)) await succeed('synth', '--shape', shape, '--type', 'f32', pathOf(shape));
});

async function embed(model, asked, ...options) {
  return JSON.parse(await succeed('embed', model, ...asked.flatMap((text) => ['--text', text]), ...options));
}

/** Σ (seen − expected)² / Σ expected² */
function normalizedError(seen, expected) {
  const squares = (values) => values.reduce((sum, value) => sum + value * value, 0);
  return squares(expected.map((value, i) => seen[i] - value)) / squares(expected);
}

const product = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);

for (const kernels of variants) {
  const force = ['--kernels', kernels];

  describe(kernels, () => {
    for (const [shape, expected] of Object.entries(shapes)) {
      test(`tokens and embeddings of ${shape} are llama.cpp's`, async () => {
        const { tokens, embeddings } = await embed(pathOf(shape), texts, ...force);
        texts.forEach((text, i) => {
          assert.deepEqual(tokens[i], expected.tokens[i], JSON.stringify(text));
          const some = embeddings[i].filter((_, k) => k % every === 0);
          const error = normalizedError(some, expected.embeddings[i]);
          // llama.cpp rounds to halves here and there. A bias that is left out moves an embedding by 1e-4 or more.
          assert.ok(error < 1e-5, `${JSON.stringify(text)}: NMSE ${error}`);
        });
      });
    }

    test('embeddings do not depend on the number of threads, nor on the batch', async () => {
      for (const shape of ['tiny-bert', 'tiny-qwen3-embedding']) {
        const { embeddings } = await embed(pathOf(shape), texts.slice(0, 8), ...force, '--threads', '1');
        for (const options of [
          ['--threads', '3'],
          ['--batch', '2'],
        ]) {
          assert.deepEqual(
            (await embed(pathOf(shape), texts.slice(0, 8), ...force, ...options)).embeddings,
            embeddings,
          );
        }
      }
    });
  });
}

describe('pooling', () => {
  test('is the option, else the file’s', async () => {
    const text = ['how are vectors made of a text'];
    const file = pathOf('tiny-nomic');
    const raw = async (...options) => (await embed(file, text, '--raw', ...options)).embeddings[0];
    const mean = await raw();
    assert.deepEqual(await raw('--pooling', 'mean'), mean);
    assert.notDeepEqual(await raw('--pooling', 'cls'), mean);
    assert.notDeepEqual(await raw('--pooling', 'last'), await raw('--pooling', 'cls'));
    const [unit] = (await embed(file, text)).embeddings;
    assert.ok(Math.abs(product(unit, unit) - 1) < 1e-6);
    const length = Math.hypot(...mean);
    assert.ok(
      normalizedError(
        unit,
        mean.map((value) => value / length),
      ) < 1e-12,
    );
  });

  test('of a model of texts, whose file names none, must be chosen', async () => {
    const file = inRepository('models/chord-tiny/chord-tiny-q8_0.gguf');
    const refused = await chord('embed', file, '--text', 'a');
    assert.match(refused.stderr, /invalid_argument: the file does not say how .* choose mean, cls or last/);
    assert.equal(refused.code, 1);
    // 40 tokens are more than the rows that come back of one step.
    const long = 'Once upon a time there was a little dog '.repeat(4);
    const { embeddings, tokens } = await embed(file, [long], '--pooling', 'mean');
    assert.ok(tokens[0].length > 32);
    assert.deepEqual((await embed(file, [long], '--pooling', 'mean', '--batch', '5')).embeddings, embeddings);
  });
});

describe('encoders', () => {
  test('take texts as long as their context, and no longer', async () => {
    const { tokens } = await embed(pathOf('tiny-bert'), [`${'a '.repeat(126)}`]);
    assert.equal(tokens[0].length, 128);
    const refused = await chord('embed', pathOf('tiny-bert'), '--text', 'a '.repeat(127));
    assert.match(refused.stderr, /context_overflow: .*129 tokens.*128/);
    const short = await chord('embed', pathOf('tiny-bert'), '--context', '4', '--text', 'a b c');
    assert.match(short.stderr, /context_overflow: .*5 tokens.*4/);
  });

  test('cannot generate, and say so', async () => {
    for (const command of [
      ['run', '--prompt', 'a'],
      ['logits', '--tokens', '1,2'],
    ]) {
      const [name, ...options] = command;
      const refused = await chord(name, pathOf('tiny-bert'), ...options);
      assert.match(refused.stderr, /invalid_model: the model is an encoder/);
      assert.equal(refused.code, 1);
    }
    assert.match(await succeed('info', pathOf('tiny-bert')), /encoder +it embeds texts/);
  });

  test('give nearly the same from smaller weights', async () => {
    for (const [type, least] of [
      ['f16', 0.99999],
      ['q8_0', 0.999],
      ['q4_k_m', 0.95],
    ]) {
      const file = pathOf('tiny-bert', type);
      await succeed('quantize', pathOf('tiny-bert'), file, type);
      const [exact, small] = [await embed(pathOf('tiny-bert'), texts), await embed(file, texts)];
      exact.embeddings.forEach((vector, i) => {
        const cosine = product(vector, small.embeddings[i]);
        assert.ok(cosine > least, `${type}: ${cosine}`);
      });
    }
  });
});
