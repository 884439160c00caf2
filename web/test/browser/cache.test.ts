// Downloads and the cache in headless Chromium, on the shipped build: in a page and in a worker.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { after, before, beforeEach, test } from 'node:test';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { serve } from '../../tools/serve.mjs';
import { flakyServer } from '../flaky_server.js';
import type { Answer, FlakyServer } from '../flaky_server.js';

const file = readFileSync('../models/chord-tiny/chord-tiny-q8_0.gguf');
const text = 'The capital of France is Paris.';
// All that another origin's page may see.
const allowed = { 'access-control-allow-origin': '*', 'cache-control': 'no-store' };
const exposed = { ...allowed, 'access-control-expose-headers': 'etag, accept-ranges, content-range' };

let browser: Browser;
let context: BrowserContext | undefined;
let pages: { server: Server; origin: string };
let models: FlakyServer;
let url = '';

before(async () => {
  const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
  const rules = '--host-resolver-rules=MAP insecure.test 127.0.0.1';
  browser = await chromium.launch({ executablePath, headless: true, args: ['--no-sandbox', '--disable-quic', rules] });
  pages = await serve({ isolated: true });
  models = await flakyServer(file);
  url = `${models.origin}/tiny.gguf`;
});
after(async () => {
  await browser.close();
  pages.server.closeAllConnections();
  pages.server.close();
  models.close();
});
beforeEach(async () => {
  await context?.close();
  context = await browser.newContext();
  script([]);
});

/** Each request is answered by the next of `answers`, and those after the last one well. */
function script(answers: readonly Answer[]): void {
  models.requests.length = 0;
  models.answer = (_, index) => ({ headers: exposed, ...answers[index] });
}

async function open(origin = pages.origin): Promise<Page> {
  assert.ok(context);
  const page = await context.newPage();
  await page.goto(`${origin}/scripts/bench/page.html`);
  return page;
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
  const outcome = await new Promise((resolve) => (worker.onmessage = ({ data }) => resolve(data)));
  worker.terminate();
  return outcome;
}`;

type Place = 'page' | 'worker';

async function load(
  page: Page,
  place: Place,
  options: object = { cache: true },
  more: { abortAfter?: number; room?: number } = {},
): Promise<Outcome> {
  const build = `${new URL(page.url()).origin}/web/dist/web-cpu/index.js`;
  const job = JSON.stringify({ build, url, options, abortAfter: 1e18, ...more });
  return page.evaluate<Outcome>(`(${place === 'page' ? body : inWorker})(${job})`);
}

async function list(page: Page): Promise<{ stored: number; complete: boolean }[]> {
  return page.evaluate(`import('/web/dist/web-cpu/index.js').then(({ cache }) => cache.list())`);
}

for (const place of ['page', 'worker'] as const) {
  test(`${place}: from a URL, from the cache, and after a reload`, async () => {
    const page = await open();
    assert.deepEqual(await load(page, place), { text });
    assert.deepEqual(await load(page, place), { text });
    await page.reload();
    assert.deepEqual(await load(page, place), { text });
    assert.deepEqual(models.requests, ['GET /tiny.gguf']);
    // What one of them wrote the other reads.
    assert.deepEqual(await load(page, place === 'page' ? 'worker' : 'page'), { text });
    assert.equal(models.requests.length, 1);
    const deleted = `import('/web/dist/web-cpu/index.js').then(async ({ cache }) => [
      await cache.size(), await cache.delete('${url}'), await cache.size(), await cache.delete('${url}')])`;
    assert.deepEqual(await page.evaluate(deleted), [file.length, true, 0, false]);
  });

  test(`${place}: a broken download is gone on with, in another tab`, async () => {
    const page = await open();
    script([{ cutAfter: 3_000_000 }]);
    assert.equal((await load(page, place, { cache: true, retries: 0 })).code, 'network');
    const [entry] = await list(page);
    assert.ok(entry && entry.stored > 2_000_000 && !entry.complete);
    await page.close();
    const other = await open();
    assert.deepEqual(await load(other, place), { text });
    assert.deepEqual(models.requests.slice(1), [`GET /tiny.gguf bytes=${entry.stored}-`]);
    assert.deepEqual(await load(other, place), { text });
    assert.equal(models.requests.length, 2);
  });

  test(`${place}: a signal stops the download, and keeps what is there`, async () => {
    const page = await open();
    script([{ pause: 5 }]);
    assert.equal((await load(page, place, { cache: true }, { abortAfter: 2_000_000 })).code, 'cancelled');
    const [entry] = await list(page);
    assert.ok(entry && entry.stored >= 2_000_000 && !entry.complete);
    assert.deepEqual(await load(page, place), { text });
    assert.equal(models.requests[1], `GET /tiny.gguf bytes=${entry.stored}-`);
  });

  test(`${place}: a damaged entry is fetched anew`, async () => {
    const page = await open();
    for (const [index, damage] of ['truncate(100)', 'write({ type: "write", position: 0, data: "GGXX" })'].entries()) {
      assert.deepEqual(await load(page, place), { text });
      await page.evaluate(`(async () => {
        const root = await (await navigator.storage.getDirectory()).getDirectoryHandle('wasm-chord');
        for await (const entry of root.values()) {
          const file = await (await entry.getFileHandle('model.gguf')).createWritable({ keepExistingData: true });
          await file.${damage};
          await file.close();
        }
      })()`);
      assert.deepEqual(await load(page, place), { text });
      assert.equal(models.requests.length, index + 2);
    }
    assert.deepEqual(await load(page, place), { text });
    assert.equal(models.requests.length, 3);
  });

  test(`${place}: where there is no room, an error has both numbers, and an optional cache is left out`, async () => {
    const page = await open();
    const { code, message } = await load(page, place, { cache: true }, { room: 5000 });
    assert.equal(code, 'quota');
    assert.match(message ?? '', new RegExp(`wants ${file.length} more bytes .* 5000 are available`));
    assert.deepEqual(await load(page, place, { cache: 'optional' }, { room: 5000 }), { text });
    assert.deepEqual(await list(page), []);
  });

  test(`${place}: where the room ends although there should be some`, async () => {
    const page = await open();
    const session = await page.context().newCDPSession(page);
    await session.send('Storage.overrideQuotaForOrigin', { origin: pages.origin, quotaSize: 4_000_000 });
    const { code, message } = await load(page, place);
    assert.equal(code, 'quota', message);
    assert.deepEqual(await load(page, place, { cache: 'optional' }), { text });
    assert.deepEqual(await list(page), []);
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

test('on an origin without storage a model is loaded, and not cached', async () => {
  const page = await open(pages.origin.replace('127.0.0.1', 'insecure.test'));
  assert.equal(await page.evaluate('isSecureContext'), false);
  assert.deepEqual(await load(page, 'page'), { text });
  assert.deepEqual(await load(page, 'page'), { text });
  assert.equal(models.requests.length, 2);
  assert.deepEqual(await list(page), []);
});

test('where CORS hides the headers a broken connection is taken up, without asking for permission', async () => {
  const page = await open();
  models.requests.length = 0;
  models.answer = (_, index) => ({ headers: allowed, ...(index === 0 && { cutAfter: 3_000_000 }) });
  assert.deepEqual(await load(page, 'page', {}), { text });
  assert.equal(models.requests.length, 2);
  assert.match(models.requests[1] ?? '', /^GET \/tiny.gguf bytes=\d+-$/);
});

const conversation = `async ({ build, url, again }) => {
  const { load, sessions } = await import(build);
  const engine = await load(url, { cache: false });
  const kept = await sessions.load('france', engine);
  const session = kept ?? engine.session();
  const messages = [{ role: 'user', content: 'What is the capital of France?' }];
  const { text, usage } = await session.generate(messages, { temperature: 0 }).result;
  await sessions.save('france', session);
  const names = (await sessions.list()).map(({ name }) => name);
  if (again) await sessions.delete('france');
  await engine.dispose();
  return { text, names, reused: usage.reusedTokens, prompt: usage.promptTokens, left: (await sessions.list()).length };
}`;

test('a session is kept across a reload', async () => {
  const page = await open();
  const run = (again: boolean): Promise<object> => {
    const build = `${new URL(page.url()).origin}/web/dist/web-cpu/index.js`;
    return page.evaluate(`(${conversation})(${JSON.stringify({ build, url, again })})`);
  };
  const prompt = 15;
  assert.deepEqual(await run(false), { text, names: ['france'], reused: 0, prompt, left: 1 });
  await page.reload();
  assert.deepEqual(await run(true), { text, names: ['france'], reused: prompt - 1, prompt, left: 0 });
});
