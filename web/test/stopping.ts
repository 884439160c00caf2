import assert from 'node:assert/strict';
import type { Tab } from './tab.js';

/** Stops an engine in each phase, in a tab of the package's origin. */
export async function checkStopping(tab: Tab, model: string): Promise<void> {
  const seen = await tab.evaluate(`(async () => {
    const { load } = await import('/web/dist/web-cpu/index.js');
    const codeOf = (promise) => promise.then(() => 'none', ({ code }) => code);
    const codes = {};
    const loading = new AbortController();
    const onProgress = () => loading.abort();
    codes.loading = await codeOf(load('${model}', { signal: loading.signal, cache: false, onProgress }));

    const engine = await load('${model}');
    const story = 'Once upon a time there was a little girl who';
    const left = engine.generate(story, { temperature: 0 });
    for await (const piece of left) break;
    const { usage } = await left.result;

    const prefill = new AbortController();
    codes.prefill = codeOf(engine.generate('word '.repeat(200), { signal: prefill.signal }).text());
    setTimeout(() => prefill.abort(), 5);
    codes.prefill = await codes.prefill;

    const decode = new AbortController();
    codes.decode = await codeOf((async () => {
      for await (const piece of engine.generate(story, { signal: decode.signal })) decode.abort();
    })());

    const queue = new AbortController();
    const running = engine.generate(story, { temperature: 0, maxTokens: 30 }).result;
    codes.queue = codeOf(engine.generate(story, { signal: queue.signal }).text());
    queue.abort();
    codes.queue = await codes.queue;
    const { usage: whole } = await running;

    const disposed = codeOf(engine.generate(story).text());
    await engine.dispose();
    codes.disposed = await disposed;
    return { codes, left: usage.completionTokens, whole: whole.completionTokens };
  })()`);
  assert.ok(typeof seen === 'object' && seen !== null && 'codes' in seen && 'left' in seen && 'whole' in seen);
  const cancelled = 'cancelled';
  assert.deepEqual(seen.codes, {
    loading: cancelled,
    prefill: cancelled,
    decode: cancelled,
    queue: cancelled,
    disposed: 'closed',
  });
  assert.ok(Number(seen.left) <= 20, String(seen.left));
  assert.equal(seen.whole, 30);
}
