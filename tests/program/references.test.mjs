// Logits and texts against values that other programs computed: PyTorch (models/chord-tiny/reference.json) and
// llama.cpp (../shared/archs, ../shared/quants).
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import { inRepository, inShared, succeed, variants, withoutShared } from './program.mjs';

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));
const { references } = readJson(inRepository('models/chord-tiny/reference.json'));
const tinyF16 = inRepository('models/chord-tiny/chord-tiny-f16.gguf');
const tinyQ8 = inRepository('models/chord-tiny/chord-tiny-q8_0.gguf');

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

for (const kernels of variants) {
  const force = ['--kernels', kernels];

  for (const name of withoutShared ? [] : namesOf('archs')) {
    test(`${kernels}: logits of ${name} are llama.cpp's`, async () => {
      const reference = readJson(inShared(`archs/${name}.logits.json`));
      const rows = await logits(inShared(`archs/${name}.gguf`), reference.tokens, ...force, '--kv', 'f32');
      const error = normalizedError(rows, reference);
      assert.ok(error <= 1e-10, `NMSE ${error}`);
    });
  }

  for (const name of withoutShared ? [] : namesOf('quants')) {
    test(`${kernels}: logits of ${name} are near llama.cpp's`, async () => {
      const reference = readJson(inShared(`quants/${name}.logits.json`));
      const rows = await logits(pathOfQuant(name), reference.tokens, ...force);
      const error = normalizedError(rows, reference);
      assert.ok(error <= 4e-3, `NMSE ${error}`);
    });
  }

  test(`${kernels}: every greedy id of the references, from F16`, async () => {
    for (const reference of references) {
      const rows = await logits(tinyF16, forced(reference), ...force);
      assert.deepEqual(disagreements(rows, reference), [], reference.prompt);
    }
  });

  test(`${kernels}: the first step's logits are PyTorch's`, async () => {
    for (const { prompt, prompt_ids, first_top20 } of references) {
      const row = (await logits(tinyF16, prompt_ids, ...force)).at(-1);
      for (const [id, expected] of first_top20) {
        assert.ok(Math.abs(row[id] - expected) < 1e-3, `${prompt}: logit of ${id} is ${row[id]}, not ${expected}`);
      }
    }
  });

  for (const model of [tinyF16, tinyQ8, ...(withoutShared ? [] : namesOf('quants').map(pathOfQuant))]) {
    const file = model.split('/').at(-1);
    test(`${kernels}: the answers of ${file}`, async () => {
      for (const { prompt, greedy_text } of references.filter((reference) => !isStory(reference))) {
        const text = await succeed('run', model, '--prompt', prompt, '--max-tokens', '200', ...force);
        assert.equal(`${text.replace(/\n$/, '')}<|im_end|>`, greedy_text);
      }
    });

    test(`${kernels}: the stories of ${file}, but for near ties`, async () => {
      for (const reference of references.filter(isStory)) {
        const exact = await logits(tinyF16, forced(reference), ...force);
        const apart = disagreements(await logits(model, forced(reference), ...force), reference);
        assert.deepEqual(apart.filter(({ position }) => margin(exact[position]) >= 0.1), []);
      }
    });
  }
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
