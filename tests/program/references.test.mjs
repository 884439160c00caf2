// Logits and texts against values that other programs computed: PyTorch (models/chord-tiny/reference.json) and
// llama.cpp (../shared/archs, ../shared/quants, and logits.json of what `chord synth` writes).
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';

import { inRepository, inShared, kind, scratch, succeed, variants, withoutShared } from './program.mjs';

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));
const { references } = readJson(inRepository('models/chord-tiny/reference.json'));
const tinyF16 = inRepository('models/chord-tiny/chord-tiny-f16.gguf');
const tinyQ8 = inRepository('models/chord-tiny/chord-tiny-q8_0.gguf');

const synthesized = readJson(inRepository('tests/program/logits.json'));
const { folder } = scratch();
const pathOfShape = (shape) => join(folder, `${shape}.gguf`);

before(async () => {
  for (const shape of Object.keys(synthesized.shapes)) {
    await succeed('synth', '--shape', shape, '--type', 'f32', pathOfShape(shape));
  }
});

async function logits(model, tokens, ...options) {
  const { n_vocab, logits: rows } = JSON.parse(
    await succeed('logits', model, '--tokens', tokens.join(), '--json', ...options),
  );
  assert.equal(rows.length, tokens.length);
  assert.ok(rows.every((row) => row.length === n_vocab));
  return rows;
}

/** Σ (seen − expected)² / Σ expected² over the positions that the reference has. */
function normalizedError(rows, reference) {
  let error = 0;
  let power = 0;
  for (const { position, values } of reference.logits) {
    values.forEach((expected, i) => {
      error += (rows[position][i] - expected) ** 2;
      power += expected ** 2;
    });
  }
  return error / power;
}

/** The same of a row, but for a constant: the reference has logarithms of probabilities. */
function shapeError(row, reference) {
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const centered = (values) => values.map((value) => value - mean(values));
  const values = centered(row.filter((_, i) => i % synthesized.every === 0));
  return normalizedError([values], {
    logits: [{ position: 0, values: centered(reference) }],
  });
}

const argmax = (row) => row.reduce((best, value, i) => (value > row[best] ? i : best), 0);

/** Positions of the answer where the model's choice, given the reference so far, is another token. */
function disagreements(rows, { prompt_ids, greedy_ids }) {
  return greedy_ids.flatMap((expected, i) => {
    const chosen = argmax(rows[prompt_ids.length - 1 + i]);
    return chosen === expected ? [] : [{ position: prompt_ids.length - 1 + i, expected, chosen }];
  });
}

/** By how much the best logit exceeds the second. */
function margin(row) {
  const [best, second] = row.toSorted((a, b) => b - a);
  return best - second;
}

/** All tokens of a reference but the last, after which nothing is predicted. */
const forced = ({ prompt_ids, greedy_ids }) => [...prompt_ids, ...greedy_ids.slice(0, -1)];

/** A story's greedy text may part from the reference at a near tie; an answer's may not. */
const isStory = (reference) => reference.greedy_ids.length > 100;

/**
 * How clearly the F16 model must prefer the reference's token before another file has to choose it, too. At two bits
 * a weight, llama.cpp's own rounding moves one choice whose margin is 0.1402.
 */
const nearTie = (file) => (file.includes('q2_k') ? 0.15 : 0.1);

const models = [...new Set([tinyF16, tinyQ8, ...(withoutShared ? [] : namesOf('quants').map(pathOfQuant))])];

/** The F16 file's rows for the tokens of a story, which other files are measured by. */
const exactRows = new Map();
function exact(reference) {
  if (!exactRows.has(reference)) exactRows.set(reference, logits(tinyF16, forced(reference)));
  return exactRows.get(reference);
}

/**
 * The files whose texts a variant is asked for. The scalar reference takes minutes for all of them: natively it tells
 * the answers of each and the stories of two; under WASI, where the same source is compiled again, those of one.
 */
const scalarModels =
  kind === 'native' ? { answers: models, stories: [tinyF16, tinyQ8] } : { answers: [tinyQ8], stories: [] };
const modelsOf = (kernels) => (kernels === 'scalar' ? scalarModels : { answers: models, stories: models });

for (const kernels of variants) {
  const force = ['--kernels', kernels];

  describe(kernels, { concurrency: 2 }, () => {
    for (const name of withoutShared ? [] : namesOf('archs')) {
      test(`logits of ${name} are llama.cpp's`, async () => {
        const reference = readJson(inShared(`archs/${name}.logits.json`));
        const rows = await logits(inShared(`archs/${name}.gguf`), reference.tokens, ...force, '--kv', 'f32');
        const error = normalizedError(rows, reference);
        assert.ok(error <= 1e-10, `NMSE ${error}`);
      });
    }

    for (const [shape, contexts] of Object.entries(synthesized.shapes)) {
      for (const [context, reference] of Object.entries(contexts)) {
        test(`logits of ${shape} in a context of ${context} are llama.cpp's`, async () => {
          const options = ['--context', context, '--kv', 'f32', ...force];
          const rows = await logits(pathOfShape(shape), synthesized.tokens, ...options);
          synthesized.positions.forEach((position, i) => {
            const error = shapeError(rows[position], reference[i]);
            // llama.cpp takes GELU from a table of halves. mutation_test.cc has what mistakes amount to.
            assert.ok(error < 1e-5, `position ${position}: NMSE ${error}`);
          });
        });
      }
    }

    for (const name of withoutShared ? [] : namesOf('quants')) {
      test(`logits of ${name} are near llama.cpp's`, async () => {
        const reference = readJson(inShared(`quants/${name}.logits.json`));
        const error = normalizedError(await logits(pathOfQuant(name), reference.tokens, ...force), reference);
        assert.ok(error <= 4e-3, `NMSE ${error}`);
      });
    }

    test('logits do not depend on the tokens that follow, nor on how many are computed together', async () => {
      const { prompt_ids } = references[0];
      const all = await logits(tinyQ8, prompt_ids, ...force);
      const some = await logits(tinyQ8, prompt_ids.slice(0, 6), ...force);
      const singly = await logits(tinyQ8, prompt_ids, ...force, '--batch', '1');
      const apart = (a, b) => Math.max(...a.map((value, i) => Math.abs(value - b[i])));
      some.forEach((row, i) => assert.ok(apart(row, all[i]) < 1e-3));
      singly.forEach((row, i) => assert.ok(apart(row, all[i]) < 1e-3));
    });

    test('logits have the same bits for any number of threads', async () => {
      const { prompt_ids } = references[0];
      const [one, ...others] = await Promise.all(
        ['1', '2', '3', '7'].map((threads) => logits(tinyQ8, prompt_ids, ...force, '--threads', threads)),
      );
      for (const rows of others) assert.deepEqual(rows, one);
    });

    test('logits of experts have the same bits for any number of threads, and in any steps', async () => {
      const model = join(folder, `experts-${kernels}.gguf`);
      await succeed('synth', '--shape', 'tiny-qwen2moe', '--type', 'q4_k_m', model);
      const run = (...options) => logits(model, synthesized.tokens, ...force, ...options);
      const [one, ...others] = await Promise.all([
        run('--threads', '1'),
        run('--threads', '3'),
        run('--threads', '2', '--batch', '7'),
        run('--batch', '1'),
      ]);
      for (const rows of others) assert.deepEqual(rows, one);
    });

    test('every greedy id of the references, from F16', async () => {
      for (const reference of references) {
        const rows = await logits(tinyF16, forced(reference), ...force);
        assert.deepEqual(disagreements(rows, reference), [], reference.prompt);
        for (const [id, expected] of reference.first_top20) {
          const seen = rows[reference.prompt_ids.length - 1][id];
          assert.ok(
            Math.abs(seen - expected) < 1e-3,
            `${reference.prompt}: logit of ${id} is ${seen}, not ${expected}`,
          );
        }
      }
    });

    for (const model of modelsOf(kernels).answers) {
      const file = model.split('/').at(-1);
      test(`the answers of ${file}`, async () => {
        for (const { prompt, greedy_text } of references.filter((reference) => !isStory(reference))) {
          const text = await succeed('run', model, '--prompt', prompt, '--max-tokens', '200', ...force);
          assert.equal(`${text.replace(/\n$/, '')}<|im_end|>`, greedy_text);
        }
      });
    }

    for (const model of modelsOf(kernels).stories) {
      const file = model.split('/').at(-1);
      test(`the stories of ${file}, but for near ties`, async () => {
        for (const reference of references.filter(isStory)) {
          const rows = await exact(reference);
          const apart = disagreements(await logits(model, forced(reference), ...force), reference);
          assert.deepEqual(
            apart.filter(({ position }) => margin(rows[position]) >= nearTie(file)),
            [],
          );
        }
      });
    }
  });
}

test('the references of ../shared', { skip: withoutShared }, () => {
  assert.ok(namesOf('archs').length >= 6 && namesOf('quants').length >= 8);
});

function namesOf(folder) {
  return readdirSync(inShared(folder))
    .filter((name) => name.endsWith('.logits.json'))
    .map((name) => name.replace('.logits.json', ''));
}

function pathOfQuant(name) {
  if (name === 'chord-tiny-f16') return tinyF16;
  if (name === 'chord-tiny-q8_0') return tinyQ8;
  return inShared(`quants/${name}.gguf`);
}
