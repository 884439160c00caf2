// Downloads and the cache in headless Chromium, on the shipped build.
import assert from 'node:assert/strict';
import type { Server } from 'node:http';
import { after, before, beforeEach, test } from 'node:test';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { serve } from '../../tools/serve.mjs';
import { allowed, list, load, models, testCache, text, url } from '../cache_tests.js';

let browser: Browser;
let context: BrowserContext | undefined;
let pages: { server: Server; origin: string };

before(async () => {
  const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
  const rules = '--host-resolver-rules=MAP insecure.test 127.0.0.1';
  browser = await chromium.launch({ executablePath, headless: true, args: ['--no-sandbox', '--disable-quic', rules] });
  pages = await serve({ isolated: true });
});
after(async () => {
  await browser.close();
  pages.server.closeAllConnections();
  pages.server.close();
});
beforeEach(async () => {
  await context?.close();
  context = await browser.newContext();
});

async function open(origin = pages.origin): Promise<Page> {
  assert.ok(context);
  const page = await context.newPage();
  await page.goto(`${origin}/scripts/bench/page.html`);
  return page;
}

testCache(open);

for (const place of ['page', 'worker'] as const) {
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
