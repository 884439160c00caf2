// The caller's own function between the model and the sampler.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChordError, load } from 'wasm-chord';
import type { LogitProcessor } from 'wasm-chord';

const path = '../models/chord-tiny/chord-tiny-q8_0.gguf';
const story = 'Once upon a time there was a little girl who';
const greedy = { temperature: 0, maxTokens: 12 };

const nothing: LogitProcessor = () => undefined;

function forbidding(token: number): LogitProcessor {
  return (logits) => {
    logits[token] = -Infinity;
  };
}

function forcing(tokens: ArrayLike<number>): LogitProcessor {
  return (logits, generated) => {
    logits.fill(-Infinity);
    logits[tokens[generated.length] ?? 0] = 0;
  };
}

for (const { name, worker } of [
  { name: 'in a worker', worker: true },
  { name: 'in this thread', worker: false },
]) {
  test(`${name}: a logit processor`, async () => {
    const engine = await load(path, { worker });
    const generate = (options: object): Promise<string> => engine.generate(story, { ...greedy, ...options }).text();

    const usual = await generate({});
    assert.equal(await generate({ logitProcessor: nothing }), usual);
    const sampled = { temperature: 1, topK: 0, topP: 1, seed: 9 };
    assert.equal(await generate({ ...sampled, logitProcessor: nothing }), await generate(sampled));

    let rows = 0;
    let first = -1;
    await generate({
      logitProcessor: (logits: Float32Array, generated: readonly number[]) => {
        assert.deepEqual([logits.length, generated.length], [engine.info.vocabularySize, rows++]);
        if (first < 0) first = logits.indexOf(Math.max(...logits));
      },
    });
    assert.equal(rows, 12);
    assert.ok(first >= 0);
    const other = await generate({ logitBias: { [first]: -Infinity } });
    assert.notEqual(other, usual);
    assert.equal(await generate({ logitProcessor: forbidding(first) }), other);
    const later: LogitProcessor = async (logits) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      logits[first] = -Infinity;
    };
    assert.equal(await generate({ logitProcessor: later }), other);

    const tokens = await engine.tokenize(' met a talking cat.');
    const forced = engine.generate(story, {
      logitProcessor: forcing(tokens),
      maxTokens: tokens.length,
      logprobs: true,
    });
    let text = '';
    for await (const piece of forced) {
      text += piece.text;
      assert.equal(piece.logprob, 0);
    }
    assert.equal(text, ' met a talking cat.');
    await engine.dispose();
  });

  test(`${name}: a logit processor that fails`, async () => {
    const engine = await load(path, { worker });
    const usual = await engine.generate(story, greedy).text();
    const failure = new Error('no');
    const fail = (after: number): LogitProcessor => {
      return (_logits, generated) => {
        if (generated.length === after) throw failure;
      };
    };
    for (const after of [0, 5]) {
      const failing = engine.generate(story, { ...greedy, logitProcessor: fail(after) });
      await assert.rejects(failing.text(), failure);
    }
    const failsLater: LogitProcessor = () => Promise.reject(failure);
    await assert.rejects(engine.generate(story, { ...greedy, logitProcessor: failsLater }).text(), failure);

    const hasCode = (code: string, message: RegExp) => (error: unknown) =>
      error instanceof ChordError && error.code === code && message.test(error.message);
    const none: LogitProcessor = (logits) => {
      logits.fill(-Infinity);
    };
    const noNumber: LogitProcessor = (logits) => {
      logits[3] = NaN;
    };
    const text = (logitProcessor: LogitProcessor): Promise<string> =>
      engine.generate(story, { ...greedy, logitProcessor }).text();
    await assert.rejects(text(none), hasCode('invalid_argument', /every token/));
    await assert.rejects(text(noNumber), hasCode('invalid_model', /filters/));

    const controller = new AbortController();
    const never: LogitProcessor = () => {
      controller.abort();
      return new Promise(() => undefined);
    };
    const aborted = engine.generate(story, { ...greedy, logitProcessor: never, signal: controller.signal });
    await assert.rejects(aborted.text(), hasCode('cancelled', /./));

    assert.equal(await engine.generate(story, greedy).text(), usual);
    const wrong: object = { logitProcessor: 3 };
    assert.throws(() => engine.generate(story, wrong), hasCode('invalid_argument', /logitProcessor is 3/));
    await engine.dispose();
  });
}
