// The pages of checks that people open by hand, in headless Chromium on the shipped builds.
import assert from 'node:assert/strict';
import type { Server } from 'node:http';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { checkReport } from '../../../scripts/bench/report.mjs';
import { serve } from '../../tools/serve.mjs';
import { answers, readReferences, textOf } from '../references.js';
import { launchChromium, watchedPage } from './chromium.js';

const model = '/models/chord-tiny/chord-tiny-q8_0.gguf';
let browser: Browser;
let origin = '';
let plainOrigin = '';
let isolatedOrigin = '';
const requests: string[] = [];
const servers: Server[] = [];

before(async () => {
  browser = await launchChromium();
  const onRequest = (method: string | undefined, path: string, range: string | undefined): void => {
    requests.push([method, path, range].filter((part) => part !== undefined).join(' '));
  };
  const good = await serve({ onRequest });
  // As simple servers are: no Range, and modules with a type that engines refuse to stream.
  const plain = await serve({ ranges: false, wasmType: 'application/octet-stream', onRequest });
  const isolated = await serve({ isolated: true });
  servers.push(good.server, plain.server, isolated.server);
  isolatedOrigin = isolated.origin;
  origin = good.origin;
  plainOrigin = plain.origin;
});

after(async () => {
  await browser.close();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

/** A page, and what went wrong in it besides what its own checks provoke. */
async function open(url: string): Promise<{ page: Page; problems: string[] }> {
  const opened = await watchedPage(browser, 'no-such-model');
  requests.length = 0;
  await opened.page.goto(url);
  return opened;
}

interface Verdict {
  passed: boolean;
  checks: { name: string; ok: boolean; detail: string }[];
  figures: Record<string, number>;
}

function isVerdict(value: unknown): value is Verdict {
  return typeof value === 'object' && value !== null && 'passed' in value && 'checks' in value && 'figures' in value;
}

async function verdictOf(page: Page): Promise<Verdict> {
  await page.waitForFunction('window.__verdict !== undefined', undefined, { timeout: 120_000 });
  const verdict: unknown = await page.evaluate('window.__verdict');
  assert.ok(isVerdict(verdict));
  const shown: unknown = JSON.parse((await page.locator('#verdict').textContent()) ?? '');
  assert.deepEqual(shown, verdict);
  assert.equal(await page.locator('#checks li.pass').count(), verdict.checks.length);
  return verdict;
}

for (const build of ['web-cpu', 'web-webgpu']) {
  test(`test-async.html passes on the build ${build}`, async (t) => {
    const { page, problems } = await open(`${origin}/web/pages/test-async.html?build=${build}`);
    const { passed, checks, figures } = await verdictOf(page);
    const failed = checks.filter(({ ok }) => !ok);
    assert.ok(passed && failed.length === 0, JSON.stringify(failed, undefined, 1));
    assert.equal(checks.length, 11);
    assert.deepEqual(problems, []);
    t.diagnostic(JSON.stringify(figures));
    await page.close();
  });
}

test('test-async.html runs on a chosen file', async () => {
  const { page } = await open(`${origin}/web/pages/test-async.html`);
  await verdictOf(page);
  await page.locator('#file').setInputFiles('../models/chord-tiny/chord-tiny-f16.gguf');
  await page.waitForFunction('window.__verdict === undefined');
  const { passed, checks } = await verdictOf(page);
  assert.ok(passed, JSON.stringify(checks.filter(({ ok }) => !ok)));
  assert.equal(checks.length, 10);
  await page.close();
});

/** What the shipped build says in a page: its threads, and the text of both ways to generate. */
async function generate(page: Page, options: string): Promise<unknown> {
  return page.evaluate(`(async () => {
    const { default: init, WasmModel } = await import('/web/dist/web-cpu/index.js');
    await init(${options});
    const model = await WasmModel.load('${model}');
    model.set_config(60, 0, 1, 0, 1);
    const prompt = 'Once upon a time there was a little girl who';
    let streamed = '';
    for await (const text of model.generate_async(prompt)) streamed += text;
    const { kernels, threads } = model.get_model_info();
    const same = model.generate(prompt) === streamed;
    model.free();
    return { kernels, threads, same, streamed };
  })()`);
}

test('a simple server is asked once for each file', async () => {
  const { page, problems } = await open(`${plainOrigin}/scripts/bench/page.html`);
  await generate(page, '');
  const assets = requests.filter((request) => /\.(wasm|gguf)/.test(request)).sort();
  assert.deepEqual(assets, [
    `GET ${model}`,
    'GET /web/dist/web-cpu/chord.wasm',
    'GET /web/dist/web-cpu/kernels-relaxed.wasm',
  ]);
  assert.deepEqual(problems, []);
  await page.close();
});

test('threads share the work where pages are cross-origin isolated, and give the same text', async () => {
  const texts = new Set<unknown>();
  for (const [origin, options, kernels, threads] of [
    [plainOrigin, '{ threads: 3 }', 'relaxed', 1],
    [isolatedOrigin, '{ threads: 1 }', 'relaxed', 1],
    [isolatedOrigin, '{ threads: 2 }', 'relaxed', 2],
    [isolatedOrigin, '{ threads: 3 }', 'relaxed', 3],
  ] as const) {
    const { page } = await open(`${origin}/scripts/bench/page.html`);
    const seen = await generate(page, options);
    assert.ok(typeof seen === 'object' && seen !== null && 'streamed' in seen);
    texts.add(seen.streamed);
    assert.deepEqual({ ...seen, streamed: '' }, { kernels, threads, same: true, streamed: '' });
    await page.close();
  }
  assert.equal(texts.size, 1);
});

test('test-async.html passes on several threads', async () => {
  const { page, problems } = await open(`${isolatedOrigin}/web/pages/test-async.html`);
  const { passed, checks } = await verdictOf(page);
  assert.ok(passed, JSON.stringify(checks.filter(({ ok }) => !ok)));
  assert.deepEqual(problems, []);
  await page.close();
});

test('the texts of the references', async () => {
  const { page } = await open(`${origin}/scripts/bench/page.html`);
  const all = readReferences('../');
  for (const [file, references] of [
    ['chord-tiny-f16.gguf', all],
    ['chord-tiny-q8_0.gguf', answers(all)],
  ] as const) {
    const prompts = references.map(({ prompt, greedy_ids }) => ({ prompt, length: greedy_ids.length }));
    const texts: unknown = await page.evaluate(`(async () => {
      const { WasmModel } = await import('/web/dist/web-cpu/index.js');
      const model = await WasmModel.load('/models/chord-tiny/${file}');
      const texts = ${JSON.stringify(prompts)}.map(({ prompt, length }) => {
        model.set_config(length, 0, 1, 0, 1);
        return model.generate(prompt);
      });
      model.free();
      return texts;
    })()`);
    assert.deepEqual(texts, references.map(textOf), file);
  }
  await page.close();
});

test('the package measures itself', async () => {
  const { page } = await open(`${origin}/scripts/bench/page.html`);
  const report = checkReport(
    await page.evaluate(`(async () => {
      const { bench } = await import('/web/dist/web-cpu/bench.js');
      return bench('${model}', { file: 'tiny', promptTokens: [4, 8], generatedTokens: 3, runs: 2 });
    })()`),
  );
  assert.match(report.engine, /^wasm-chord \d+\.\d+\.\d+, Chrome [\d.]+$/);
  assert.ok(report.peak_bytes !== null && report.peak_bytes > report.weight_bytes);
  assert.ok(report.bandwidth !== null && report.bandwidth > 1e8);
  await page.close();
});
