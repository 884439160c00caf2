// Steps that the GPU takes by itself, against the same steps one by one.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { TestContext } from 'node:test';
import { chordFinish } from '../../src/abi/generated.js';
import type { GpuHost } from '../../src/gpu/host.js';
import type { Model } from '../../src/host/model.js';
import { Session, sessionOptions } from '../../src/host/session.js';
import type { GenerationSettings } from '../../src/host/session.js';
import { initWebgpu, openSwiftShader, placedModel } from './device.js';

let gpu: GpuHost;
let model: Model;
before(async () => {
  await initWebgpu();
  gpu = await openSwiftShader();
  model = await placedModel('../models/chord-tiny/chord-tiny-q8_0.gguf', gpu);
});
after(() => {
  model.core.discard();
});

const prompt = [1, 300, 270, 301];
const length = 12;

function open(): Session {
  return new Session(model, sessionOptions(64, 'f32', gpu));
}

/** The tokens that a generation comes to, and why it ended. */
async function generated(
  session: Session,
  tokens: readonly number[],
  settings: GenerationSettings,
): Promise<{ ids: number[]; finish: number }> {
  session.generate(Int32Array.from(tokens), settings);
  const ids: number[] = [];
  for (;;) {
    const event = session.step(10);
    if (event === 'waiting') await gpu.settled();
    if (event === 'token') ids.push(session.piece().token);
    if (event === 'done') return { ids, finish: session.info().finish };
  }
}

/** Each token in a generation of its own, so that the GPU never goes on. */
async function oneByOne(settings: GenerationSettings): Promise<number[]> {
  const session = open();
  const ids: number[] = [];
  while (ids.length < length) {
    const { ids: one } = await generated(session, [...prompt, ...ids], { ...settings, maxTokens: 1 });
    ids.push(...one);
  }
  return ids;
}

/** How often parameters of a step are written, while `run` does its work on a GPU that takes no time. */
async function writesDuring(t: TestContext, run: () => Promise<void>): Promise<number> {
  t.mock.method(performance, 'now', () => 0);
  const write = t.mock.method(gpu.device.queue, 'writeBuffer');
  await run();
  const count = write.mock.callCount() / 2; // the pairs of penalties and biases are written with them
  t.mock.restoreAll();
  return count;
}

const common = { stopStrings: [], ignoreEos: 1, seed: 7n };
const cases: Readonly<Record<string, GenerationSettings>> = {
  'the likeliest tokens': { ...common, temperature: 0 },
  'the defaults of set_config': { ...common, temperature: 0.7, topK: 40, topP: 0.9, repetitionPenalty: 1.1 },
  'penalties over a short window': {
    ...common,
    temperature: 0,
    repetitionPenalty: 1.5,
    frequencyPenalty: 0.5,
    presencePenalty: 0.25,
    penaltyWindow: 5,
    logitBiases: [{ token: 300, bias: 2 }],
  },
  'a draw from all tokens': { ...common, temperature: 1 },
};

for (const [name, settings] of Object.entries(cases)) {
  test(`several steps in one go: ${name}`, async (t) => {
    const expected = await oneByOne(settings);
    const session = open();
    const writes = await writesDuring(t, async () => {
      const { ids, finish } = await generated(session, prompt, { ...settings, maxTokens: length });
      assert.deepEqual(ids, expected);
      assert.equal(finish, chordFinish.length);
    });
    // The prompt, the first step, the second; the others follow from it.
    assert.ok(writes <= 4, `${writes} steps were written`);
  });
}

test('a text whose rows are needed again and again', async () => {
  const settings = { ...common, temperature: 4, topP: 0.98 };
  const { ids } = await generated(open(), prompt, { ...settings, maxTokens: length });
  assert.deepEqual(ids, await oneByOne(settings));
});

test('a token that ends the text in the midst of a stride', async (t) => {
  const settings = { ...common, temperature: 1 };
  const expected = await oneByOne(settings);
  const at = expected.findIndex((token, i) => i >= 5 && expected.indexOf(token) === i);
  assert.ok(at >= 0);
  const session = open();
  await writesDuring(t, async () => {
    const end = expected[at] ?? assert.fail();
    const { ids, finish } = await generated(session, prompt, { ...settings, stopTokens: [end] });
    assert.deepEqual(ids, expected.slice(0, at));
    assert.equal(finish, chordFinish.stop);
    // What the GPU has computed beyond it does no harm to what follows, nor to another session.
    const more = { ...settings, maxTokens: length - at };
    assert.deepEqual((await generated(session, [...prompt, ...ids], more)).ids, expected.slice(at));
    assert.deepEqual((await generated(open(), prompt, more)).ids, expected.slice(0, length - at));
  });
});
