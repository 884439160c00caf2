// Downloads and the cache in a browser, on the shipped build: in a page and in a worker.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, beforeEach, test } from 'node:test';
import { flakyServer } from './flaky_server.js';
import type { Answer } from './flaky_server.js';
import type { Tab } from './tab.js';

const file = readFileSync('../models/chord-tiny/chord-tiny-q8_0.gguf');
export const text = 'The capital of France is Paris.';
// All that another origin's page may see.
export const allowed = { 'access-control-allow-origin': '*', 'cache-control': 'no-store' };
const exposed = { ...allowed, 'access-control-expose-headers': 'etag, accept-ranges, content-range' };

/** Where the model comes from. */
export const models = await flakyServer(file);
export const url = `${models.origin}/tiny.gguf`;

after(() => {
  models.close();
});
beforeEach(() => {
  script([]);
});

/** Each request is answered by the next of `answers`, and those after the last one well. */
function script(answers: readonly Answer[]): void {
  models.requests.length = 0;
  models.answer = (_, index) => ({ headers: exposed, ...answers[index] });
}

interface Outcome {
  readonly text?: string;
  readonly code?: string;
  readonly message?: string;
  readonly fromCache?: boolean;
}

// Runs in the page or in a worker of it; `abortAfter` bytes have come.
const body = `async ({ build, url, options, abortAfter, room }) => {
  if (room !== undefined) navigator.storage.estimate = async () => ({ quota: room + 100, usage: 100 });
  const { WasmModel, format_chat } = await import(build);
  const controller = new AbortController();
  try {
    const onProgress = (loaded) => loaded > abortAfter && controller.abort();
    const model = await WasmModel.load(url, { retryDelay: 1, signal: controller.signal, onProgress, ...options });
    model.set_config(20, 0, 1, 0, 1);
    let text = '';
    for await (const piece of model.generate_async(format_chat(null, 'What is the capital of France?', 'chatml'))) text += piece;
    model.free();
    return { text };
  } catch ({ code, message }) {
    return { code, message };
  }
}`;

const inWorker = `async (job) => {
  const source = 'onmessage = async ({ data }) => postMessage(await (' + ${JSON.stringify(body)} + ')(data))';
  const worker = new Worker(URL.createObjectURL(new Blob([source], { type: 'text/javascript' })), { type: 'module' });
  worker.postMessage(job);
  const outcome = await new Promise((resolve) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => resolve({ code: 'no worker', message });
  });
  worker.terminate();
  return outcome;
}`;

function isOutcome(value: unknown): value is Outcome {
  return typeof value === 'object' && value !== null && ('text' in value || 'code' in value);
}

export async function load(
  tab: Tab,
  place: 'page' | 'worker',
  options: object = { cache: true },
  more: { abortAfter?: number; room?: number } = {},
): Promise<Outcome> {
  const job = JSON.stringify({ url, options, abortAfter: 1e18, ...more });
  const build = `location.origin + '/web/dist/web-cpu/index.js'`;
  const outcome = await tab.evaluate(`(${place === 'page' ? body : inWorker})({ build: ${build}, ...${job} })`);
  assert.ok(isOutcome(outcome), String(outcome));
  return outcome;
}

interface Entry {
  readonly stored: number;
  readonly complete: boolean;
}

function isList(value: unknown): value is Entry[] {
  return Array.isArray(value) && value.every((entry: object) => 'stored' in entry && 'complete' in entry);
}

export async function list(tab: Tab): Promise<Entry[]> {
  const entries = await tab.evaluate(`import('/web/dist/web-cpu/index.js').then(({ cache }) => cache.list())`);
  assert.ok(isList(entries), String(entries));
  return entries;
}

/** `open` gives a tab of the package's origin, in a storage that is the test's own. */
export function testCache(open: () => Promise<Tab>): void {
  for (const place of ['page', 'worker'] as const) {
    test(`${place}: from a URL, from the cache, and after a reload`, async () => {
      const tab = await open();
      assert.deepEqual(await load(tab, place), { text });
      assert.deepEqual(await load(tab, place), { text });
      await tab.reload();
      assert.deepEqual(await load(tab, place), { text });
      assert.deepEqual(models.requests, ['GET /tiny.gguf']);
      // What one of them wrote the other reads.
      assert.deepEqual(await load(tab, place === 'page' ? 'worker' : 'page'), { text });
      assert.equal(models.requests.length, 1);
      const deleted = `import('/web/dist/web-cpu/index.js').then(async ({ cache }) => [
        await cache.size(), await cache.delete('${url}'), await cache.size(), await cache.delete('${url}')])`;
      assert.deepEqual(await tab.evaluate(deleted), [file.length, true, 0, false]);
    });

    test(`${place}: a broken download is gone on with, in another tab`, async () => {
      const tab = await open();
      script([{ cutAfter: 3_000_000 }]);
      assert.equal((await load(tab, place, { cache: true, retries: 0 })).code, 'network');
      const [entry] = await list(tab);
      assert.ok(entry && entry.stored > 2_000_000 && !entry.complete);
      await tab.close();
      const other = await open();
      assert.deepEqual(await load(other, place), { text });
      assert.deepEqual(models.requests.slice(1), [`GET /tiny.gguf bytes=${entry.stored}-`]);
      assert.deepEqual(await load(other, place), { text });
      assert.equal(models.requests.length, 2);
    });

    test(`${place}: a signal stops the download, and keeps what is there`, async () => {
      const tab = await open();
      script([{ pause: 5 }]);
      assert.equal((await load(tab, place, { cache: true }, { abortAfter: 2_000_000 })).code, 'cancelled');
      const [entry] = await list(tab);
      assert.ok(entry && entry.stored >= 2_000_000 && !entry.complete);
      assert.deepEqual(await load(tab, place), { text });
      assert.equal(models.requests[1], `GET /tiny.gguf bytes=${entry.stored}-`);
    });

    test(`${place}: a damaged entry is fetched anew`, async () => {
      const tab = await open();
      for (const [index, damage] of [
        'truncate(100)',
        'write({ type: "write", position: 0, data: "GGXX" })',
      ].entries()) {
        assert.deepEqual(await load(tab, place), { text });
        await tab.evaluate(`(async () => {
          const root = await (await navigator.storage.getDirectory()).getDirectoryHandle('wasm-chord');
          for await (const entry of root.values()) {
            const file = await (await entry.getFileHandle('model.gguf')).createWritable({ keepExistingData: true });
            await file.${damage};
            await file.close();
          }
        })()`);
        assert.deepEqual(await load(tab, place), { text });
        assert.equal(models.requests.length, index + 2);
      }
      assert.deepEqual(await load(tab, place), { text });
      assert.equal(models.requests.length, 3);
    });

    test(`${place}: where there is no room, an error has both numbers, and an optional cache is left out`, async () => {
      const tab = await open();
      const { code, message } = await load(tab, place, { cache: true }, { room: 5000 });
      assert.equal(code, 'quota');
      assert.match(message ?? '', new RegExp(`wants ${file.length} more bytes .* 5000 are available`));
      assert.deepEqual(await load(tab, place, { cache: 'optional' }, { room: 5000 }), { text });
      assert.deepEqual(await list(tab), []);
    });
  }

  test('two tabs at once: both load, and what is cached is whole', async () => {
    const [one, two] = [await open(), await open()];
    script([{ pause: 2 }, { pause: 2 }]);
    const both = await Promise.all([load(one, 'worker'), load(two, 'page')]);
    assert.deepEqual(both, [{ text }, { text }]);
    assert.equal(models.requests.length, 2);
    assert.deepEqual(await load(one, 'page'), { text });
    assert.equal(models.requests.length, 2);
  });
}
