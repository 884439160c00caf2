// Embeddings through an engine, with an encoder of random weights, and the snippets of docs/embeddings.md.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { ChordError, load } from 'wasm-chord';
import type { Engine } from 'wasm-chord';
import { tinyEncoder } from '../tiny_encoder.js';

const texts = ['how are vectors made?', 'a cat', 'A Cát', 'a dog and a cat'];
const file = tinyEncoder();

let engine: Engine;
before(async () => {
  engine = await load(file);
});
after(() => engine.dispose());

const cosine = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, value, index) => sum + value * (b[index] ?? NaN), 0);

function hasCode(code: string, message: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ChordError);
    assert.match(error.message, message);
    assert.equal(error.code, code);
    return true;
  };
}

test('vectors of length 1, in the order of the texts', async () => {
  const vectors = await engine.embed(texts);
  assert.equal(vectors.length, texts.length);
  for (const vector of vectors) {
    assert.ok(vector instanceof Float32Array);
    assert.equal(vector.length, engine.info.embeddingLength);
    assert.ok(Math.abs(cosine(vector, vector) - 1) < 1e-6);
  }
  const [first, cat, folded, dog] = vectors;
  assert.ok(first && cat && folded && dog);
  assert.deepEqual(cat, folded);
  assert.ok(cosine(cat, dog) < 0.9999);
  assert.deepEqual(await engine.embed('a cat'), [cat]);
  assert.deepEqual(await engine.embed([]), []);
});

test('pooling, length and dimensions are options', async () => {
  const [raw] = await engine.embed('a cat', { normalize: false });
  const [unit] = await engine.embed('a cat');
  const [cls] = await engine.embed('a cat', { pooling: 'cls' });
  const [cut] = await engine.embed('a cat', { dimensions: 8 });
  assert.ok(raw && unit && cls && cut);
  const length = Math.hypot(...raw);
  assert.ok(raw.every((value, index) => Math.abs(value / length - (unit[index] ?? NaN)) < 1e-6));
  assert.notDeepEqual(cls, unit);
  assert.equal(cut.length, 8);
  assert.ok(Math.abs(cosine(cut, cut) - 1) < 1e-6);
  assert.ok(Math.abs(cosine(cut, unit.slice(0, 8)) - Math.hypot(...unit.slice(0, 8))) < 1e-6);
  // @ts-expect-error There is no such pooling.
  const unpooled = engine.embed('a', { pooling: 'max' });
  await assert.rejects(unpooled, hasCode('invalid_argument', /pooling is max; allowed is mean, cls, last/));
  await assert.rejects(engine.embed('a', { dimensions: 33 }), hasCode('invalid_argument', /dimensions is 33.* 32/));
  // @ts-expect-error A number is no text.
  await assert.rejects(engine.embed(5), hasCode('invalid_argument', /is a number; it must be texts/));
});

test('what the model is', async () => {
  const { architecture, pooling, generates, contextLength, conversations } = engine.info;
  assert.deepEqual(
    { architecture, pooling, generates, contextLength, conversations },
    { architecture: 'bert', pooling: 'mean', generates: false, contextLength: 64, conversations: 1 },
  );
  await assert.rejects(engine.generate('a').text(), hasCode('invalid_model', /the model is an encoder/));
  assert.equal((await engine.embed('a cat')).length, 1);
});

test('a text that is too long says by how much, and which it is', async () => {
  const long = 'a '.repeat(63);
  await assert.rejects(engine.embed(long), hasCode('context_overflow', /65 tokens.*64/));
  await assert.rejects(engine.embed(['a', long]), hasCode('context_overflow', /^text 1: .*65 tokens.*64/));
  assert.equal((await engine.embed('a '.repeat(62))).length, 1);
});

test('an abort stops the work', async () => {
  const many = Array.from({ length: 20_000 }, (_, index) => `${texts[index % 4] ?? ''} ${'a '.repeat(index % 40)}`);
  const controller = new AbortController();
  const work = engine.embed(many, { signal: controller.signal });
  setTimeout(() => {
    controller.abort();
  }, 30);
  await assert.rejects(work, hasCode('cancelled', /aborted/));
  await assert.rejects(engine.embed('a', { signal: AbortSignal.abort() }), hasCode('cancelled', /aborted/));
  assert.equal((await engine.embed(texts)).length, 4);
});

test('in the shapes of OpenAI’s client', async () => {
  const vectors = await engine.embed(texts);
  const response = await engine.embeddings.create({ input: texts, model: 'any' });
  assert.equal(response.object, 'list');
  assert.equal(response.model, 'Tiny Encoder');
  assert.deepEqual(
    response.data,
    vectors.map((vector, index) => ({ object: 'embedding', index, embedding: Array.from(vector) })),
  );
  const tokens = response.usage.prompt_tokens;
  assert.equal(tokens, (await engine.countTokens(texts.join(' '))) - 1 + 2 * texts.length);
  assert.equal(response.usage.total_tokens, tokens);

  const [packed] = (await engine.embeddings.create({ input: 'a cat', encoding_format: 'base64' })).data;
  const bytes = Buffer.from(packed?.embedding ?? '', 'base64');
  assert.deepEqual(new Float32Array(Uint8Array.from(bytes).buffer), vectors[1]);
  const [cut] = (await engine.embeddings.create({ input: 'a cat', dimensions: 4 })).data;
  assert.equal(cut?.embedding.length, 4);
});

test('requests that cannot be met are refused', async () => {
  const refused = async (params: object, code: string, message: RegExp): Promise<void> => {
    await assert.rejects(engine.embeddings.create({ input: 'a', ...params }), hasCode(code, message));
  };
  await refused({ input: [] }, 'invalid_argument', /input is \[\]; it must be a text/);
  await refused({ input: undefined }, 'invalid_argument', /input is undefined/);
  await refused({ input: [1, 2] }, 'unsupported_field', /give texts, not tokens/);
  await refused({ encoding_format: 'int8' }, 'invalid_argument', /encoding_format is "int8"; allowed are float and/);
  await refused({ dimensions: 0 }, 'invalid_argument', /dimensions is 0/);
  await refused({ dimensions: 64 }, 'invalid_argument', /dimensions is 64.* 32/);
  await refused({ colour: 'red' }, 'unsupported_field', /colour is "red"/);
});

test('in this thread, and with several threads, the same', async () => {
  const vectors = await engine.embed(texts);
  for (const options of [{ worker: false }, { threads: 1 }, { threads: 3 }]) {
    const other = await load(file, options);
    assert.deepEqual(await other.embed(texts), vectors);
    await other.dispose();
  }
});

test('a model of texts embeds with a pooling of the caller’s, beside its conversations', async () => {
  const model = await load('../models/chord-tiny/chord-tiny-q8_0.gguf');
  const question = [{ role: 'user', content: 'What is the capital of France?' }] as const;
  await assert.rejects(model.embed('a'), hasCode('invalid_argument', /choose mean, cls or last/));
  const [first] = await model.embed('Once upon a time', { pooling: 'mean' });
  assert.equal(await model.generate(question, { temperature: 0 }).text(), 'The capital of France is Paris.');
  const [second] = await model.embed('Once upon a time', { pooling: 'mean' });
  assert.deepEqual(first, second);
  assert.equal(model.info.generates, true);
  await model.dispose();
});

const snippets = [...readFileSync('../docs/embeddings.md', 'utf8').matchAll(/^```js\n(.*?)^```$/gms)].map(
  ([, code = '']) => code,
);

test('the snippets of docs/embeddings.md print what it says', async () => {
  assert.ok(snippets.length >= 3);
  const folder = mkdtempSync(join(tmpdir(), 'chord-'));
  try {
    writeFileSync(join(folder, 'encoder.gguf'), file);
    const script = new URL('dist/node/index.js', `file://${process.cwd()}/`);
    // One module, as they are read one after the other.
    const code = snippets.join('\n').replace("'wasm-chord'", JSON.stringify(script.href));
    writeFileSync(join(folder, 'snippets.mjs'), `${code}\nawait engine.dispose();\n`);
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, ['snippets.mjs'], { cwd: folder });
    const promised = [...code.matchAll(/console\.log\(.*\); \/\/ (.+)$/gm)].map(([, text = '']) => text);
    assert.deepEqual(stdout.trim().split('\n'), promised);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
