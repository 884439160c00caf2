// The package in headless Firefox, on the CPU.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { launch } from 'puppeteer-core';
import type { Browser, BrowserContext, Page } from 'puppeteer-core';
import { serve } from '../../tools/serve.mjs';
import { testCache } from '../cache_tests.js';
import { answers, readReferences, textOf } from '../references.js';
import { checkStopping } from '../stopping.js';

const model = '/models/chord-tiny/chord-tiny-q8_0.gguf';

let browser: Browser;
let home = '';
let plain = '';
let isolated = '';
const servers: Server[] = [];

before(async () => {
  const executablePath = process.env['FIREFOX'] ?? '/usr/bin/firefox-esr';
  // As root it refuses a home that belongs to somebody else, as that of a CI container does.
  home = mkdtempSync(join(tmpdir(), 'firefox-'));
  browser = await launch({ browser: 'firefox', executablePath, headless: true, env: { ...process.env, HOME: home } });
  for (const isolates of [false, true]) {
    const { server, origin } = await serve({ isolated: isolates });
    servers.push(server);
    if (isolates) isolated = origin;
    else plain = origin;
  }
});

after(async () => {
  await browser.close();
  rmSync(home, { recursive: true, force: true });
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

/** A page of `origin` with a file input, and what it complains of. */
async function open(origin: string): Promise<{ page: Page; problems: string[] }> {
  const watched = await watchedPage(`${origin}/scripts/bench/page.html`);
  await watched.page.evaluate(`document.body.innerHTML = '<input type="file" id="file" />'`);
  return watched;
}

async function watchedPage(url: string): Promise<{ page: Page; problems: string[] }> {
  const page = await browser.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  await page.goto(url);
  return { page, problems };
}

/** What the shipped build gives in a page: the texts for the references' prompts, and by what. */
function generate(source: string, options: string): string {
  const prompts = answers(readReferences('../')).map(({ prompt, greedy_ids }) => ({
    prompt,
    length: greedy_ids.length,
  }));
  return `(async () => {
    const { default: init, WasmModel } = await import('/web/dist/web-webgpu/index.js');
    await init(${options});
    const model = await WasmModel.load(${source});
    const texts = [];
    for (const { prompt, length } of ${JSON.stringify(prompts)}) {
      model.set_config(length, 0, 1, 0, 1);
      let text = '';
      for await (const piece of model.generate_async(prompt)) text += piece;
      texts.push(text, model.generate(prompt));
    }
    const { kernels, threads } = model.get_model_info();
    model.free();
    return { texts, kernels, threads };
  })()`;
}

const expected = answers(readReferences('../')).flatMap((reference) => [textOf(reference), textOf(reference)]);

test('loads from a URL and gives the answers of the references, with both variants', async () => {
  const { page, problems } = await open(plain);
  const first = await page.evaluate(generate(`'${model}'`, '{}'));
  assert.deepEqual(first, { texts: expected, kernels: 'relaxed', threads: 1 });
  const { page: other } = await open(plain);
  const second = await other.evaluate(generate(`'${model}'`, `{ variant: 'simd128' }`));
  assert.deepEqual(second, { texts: expected, kernels: 'simd128', threads: 1 });
  assert.deepEqual(problems, []);
});

test('loads a chosen file', async () => {
  const { page, problems } = await open(plain);
  const input = await page.$('input[type=file]');
  assert.ok(input);
  await input.uploadFile(resolve('..') + model);
  const seen = await page.evaluate(generate(`document.getElementById('file').files[0]`, '{}'));
  assert.deepEqual(seen, { texts: expected, kernels: 'relaxed', threads: 1 });
  assert.deepEqual(problems, []);
});

test('shares the work among threads where the page is cross-origin isolated', async () => {
  const { page, problems } = await open(isolated);
  const seen = await page.evaluate(generate(`'${model}'`, '{ threads: 2 }'));
  assert.deepEqual(seen, { texts: expected, kernels: 'relaxed', threads: 2 });
  assert.deepEqual(problems, []);
});

/** The service worker of the page reloads it once. */
async function untilIsolated(page: Page): Promise<void> {
  for (let tries = 0; tries < 150; tries++) {
    if ((await page.evaluate('crossOriginIsolated').catch(() => false)) === true) return;
    await setTimeout(100);
  }
  assert.fail('the page was not isolated within fifteen seconds');
}

test('the page of demo/ isolates itself, answers, and answers without its host', async () => {
  assert.ok(existsSync('demo/dist/index.html'), 'the page is not built: ./dev build page');
  const { server, origin } = await serve({ root: 'demo/dist/' });
  servers.push(server);
  const { page, problems } = await watchedPage(origin);
  await untilIsolated(page);
  for (const turns of [1, 2]) {
    await page.waitForSelector('#app:not([inert])');
    await page.locator('#prompt').fill('What is the capital of France?');
    await page.keyboard.press('Enter');
    await page.waitForFunction(`document.querySelectorAll('.turn.model:not([aria-busy]) .text').length === ${turns}`);
    const texts = await page.$$eval('.turn.model .text', (elements) => elements.map(({ textContent }) => textContent));
    assert.ok(texts.length === turns && texts.every((text) => text.includes('Paris')), texts.join());
    // The second visit goes on with the conversation of the first, without the host.
    server.closeAllConnections();
    server.close();
    await page.reload();
  }
  assert.deepEqual(problems, []);
});

/** What an engine gives in a page: the answers, and where it runs. */
function answersOf(source: string, options: string): string {
  const prompts = answers(readReferences('../')).map(({ prompt, greedy_ids }) => ({
    prompt,
    length: greedy_ids.length,
  }));
  return `(async () => {
    const { load } = await import('/web/dist/web-webgpu/index.js');
    const engine = await load(${source}, ${options});
    const texts = [];
    for (const { prompt, length } of ${JSON.stringify(prompts)}) {
      texts.push(await engine.generate(prompt, { maxTokens: length, temperature: 0 }).text());
    }
    const { device, variant, threads, worker } = engine.info;
    await engine.dispose();
    return { texts, device, variant, threads, worker };
  })()`;
}

const texts = answers(readReferences('../')).map(textOf);
const place = { device: 'cpu', variant: 'relaxed', worker: true };

test('an engine in a worker: from a URL, and without network from the cache', async () => {
  const { page, problems } = await open(isolated);
  const source = `'${model}'`;
  assert.deepEqual(await page.evaluate(answersOf(source, '{ threads: 2 }')), { texts, ...place, threads: 2 });
  const offline = `{ threads: 2, fetch: () => Promise.reject(new TypeError('no network')), retries: 0 }`;
  assert.deepEqual(await page.evaluate(answersOf(source, offline)), { texts, ...place, threads: 2 });
  assert.deepEqual(problems, []);
});

test('an engine in a worker: from a chosen file, on one thread', async () => {
  const { page, problems } = await open(plain);
  const input = await page.$('input[type=file]');
  assert.ok(input);
  await input.uploadFile(resolve('..') + model);
  const seen = await page.evaluate(answersOf(`document.getElementById('file').files[0]`, '{}'));
  assert.deepEqual(seen, { texts, ...place, threads: 1 });
  assert.deepEqual(problems, []);
});

test('stopping in each phase', async () => {
  const { page, problems } = await open(isolated);
  await checkStopping(page, model);
  assert.deepEqual(problems, []);
});

let context: BrowserContext | undefined;

beforeEach(async () => {
  await context?.close();
  context = undefined;
});

testCache(async () => {
  context ??= await browser.createBrowserContext();
  const page = await context.newPage();
  await page.goto(`${isolated}/scripts/bench/page.html`);
  return page;
});
