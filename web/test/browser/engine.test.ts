// load() in headless Chromium: in workers, under a strict policy, from another origin, and what is asked for.
import assert from 'node:assert/strict';
import type { Server } from 'node:http';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { serve } from '../../tools/serve.mjs';
import { checkStopping } from '../stopping.js';

const model = '/models/chord-tiny/chord-tiny-q8_0.gguf';
const answer = 'The capital of France is Paris.';
const flags = ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking'];
const strict =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; img-src data:";

let browser: Browser;
const servers: Server[] = [];
const requests: string[] = [];
let plain = '';
let isolated = '';
let policed = '';
let foreign = '';

before(async () => {
  const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
  browser = await chromium.launch({ executablePath, headless: true, args: flags });
  const origin = async (options: Parameters<typeof serve>[0]): Promise<string> => {
    const served = await serve(options);
    servers.push(served.server);
    return served.origin;
  };
  const onRequest = (method: string | undefined, path: string): void => {
    requests.push(`${method ?? ''} ${path}`);
  };
  plain = await origin({ onRequest });
  isolated = await origin({ isolated: true });
  policed = await origin({ headers: { 'content-security-policy': strict } });
  foreign = await origin({ headers: { 'access-control-allow-origin': '*' }, onRequest });
});

after(async () => {
  await browser.close();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

/** An empty page of an origin, and what went wrong in it. */
async function open(origin: string): Promise<{ page: Page; problems: string[] }> {
  const page = await (await browser.newContext()).newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  await page.goto(`${origin}/web/pages/engine.html`);
  requests.length = 0;
  return { page, problems };
}

interface Seen {
  text: string;
  worker: boolean;
  reason: string;
  threads: number;
  variant: string;
  device: string;
}

function isSeen(value: unknown): value is Seen {
  return typeof value === 'object' && value !== null && 'text' in value && 'worker' in value;
}

/** What an engine says in a page. */
async function ask(page: Page, options = '{}', source = JSON.stringify(model), script = '/web/dist/web-cpu/index.js') {
  const seen: unknown = await page.evaluate(`window.ask(${JSON.stringify(script)}, ${source}, ${options})`);
  assert.ok(isSeen(seen), JSON.stringify(seen));
  return seen;
}

test('in a worker, with threads where the page is cross-origin isolated', async () => {
  for (const [origin, threads] of [
    [plain, 1],
    [isolated, 3],
  ] as const) {
    for (const worker of [true, false]) {
      const { page, problems } = await open(origin);
      const seen = await ask(page, `{ threads: 3, worker: ${worker}, device: 'cpu' }`);
      assert.deepEqual([seen.text, seen.worker, seen.threads], [answer, worker, threads]);
      assert.equal(seen.variant, 'relaxed');
      assert.deepEqual(problems, []);
      await page.context().close();
    }
  }
});

test('under a strict policy', async () => {
  const { page, problems } = await open(policed);
  const response = await page.reload();
  assert.equal(response?.headers()['content-security-policy'], strict);
  const seen = await ask(page);
  assert.deepEqual([seen.text, seen.worker], [answer, true]);
  assert.deepEqual(problems, []);
  await page.context().close();
});

test('from another origin: in the page, or with a copy of the worker in a worker', async () => {
  const script = `${foreign}/web/dist/web-cpu/index.js`;
  const { page, problems } = await open(plain);
  const there = await ask(page, '{}', undefined, script);
  assert.deepEqual([there.text, there.worker], [answer, false]);
  assert.match(there.reason, /could not start/);
  const options = `{ workerUrl: '/web/dist/web-cpu/engine-worker.js', assets: '${foreign}/web/dist/web-cpu' }`;
  requests.length = 0;
  const here = await ask(page, options, undefined, script);
  assert.deepEqual([here.text, here.worker], [answer, true]);
  assert.ok(requests.includes('GET /web/dist/web-cpu/chord.wasm'));
  assert.deepEqual(
    problems.filter((problem) => !problem.includes('Worker')),
    [],
  );
  await page.context().close();
});

test('a worker that is not there', async () => {
  const { page } = await open(plain);
  const seen = await ask(page, `{ workerUrl: '/nowhere/engine-worker.js' }`);
  assert.deepEqual([seen.text, seen.worker], [answer, false]);
  assert.match(seen.reason, /could not start/);
  await page.context().close();
});

test('what a page asks for: its files and the model, each once, and nothing before it is used', async () => {
  const { page } = await open(plain);
  await page.evaluate(`import('/web/dist/web-cpu/index.js')`);
  const names = (): string[] =>
    requests
      .map((request) => request.replace(/chunk-[A-Z0-9]+/, 'chunk'))
      .filter((request) => !request.includes('chunk'));
  assert.deepEqual(names(), ['GET /web/dist/web-cpu/index.js']);
  await ask(page);
  assert.deepEqual(names().sort(), [
    `GET ${model}`,
    'GET /web/dist/web-cpu/chord.wasm',
    'GET /web/dist/web-cpu/engine-worker.js',
    'GET /web/dist/web-cpu/index.js',
    'GET /web/dist/web-cpu/kernels-relaxed.wasm',
  ]);
  assert.equal(new Set(requests).size, requests.length, requests.join('\n'));
  const before = requests.length;
  await ask(page);
  // The second time the model comes from the cache; what the worker needs is asked for again.
  assert.ok(!requests.slice(before).includes(`GET ${model}`), requests.slice(before).join('\n'));
  await page.context().close();
});

test('a file, a relative URL, and bytes of the page', async () => {
  const { page, problems } = await open(plain);
  const sources = [
    `'../../models/chord-tiny/chord-tiny-q8_0.gguf'`,
    `new URL('${plain}${model}')`,
    `await (await fetch('${model}')).blob()`,
    `new File([await (await fetch('${model}')).blob()], 'model.gguf')`,
    `await (await fetch('${model}')).arrayBuffer()`,
    `await (async () => {
      const bytes = new Uint8Array(await (await fetch('${model}')).arrayBuffer());
      return { size: bytes.length, read: (offset, length) => bytes.slice(offset, offset + length) };
    })()`,
  ];
  for (const source of sources) {
    const seen: unknown = await page.evaluate(
      `(async () => window.ask('/web/dist/web-cpu/index.js', ${source}, { cache: false }))()`,
    );
    assert.ok(isSeen(seen));
    assert.deepEqual([seen.text, seen.worker], [answer, true], source);
  }
  assert.deepEqual(problems, []);
  await page.context().close();
});

test('stopping in each phase', async () => {
  const { page } = await open(plain);
  await checkStopping(page, model);
  await page.context().close();
});

test('a constraint, whose module is loaded for it alone', async () => {
  const { page, problems } = await open(plain);
  for (const worker of [true, false]) {
    requests.length = 0;
    const seen: unknown = await page.evaluate(`(async () => {
      const { load } = await import('/web/dist/web-cpu/index.js');
      const engine = await load('${model}', { worker: ${worker} });
      const grammar = 'root ::= "Paris" | "Lyon"';
      const texts = [];
      for (const seed of [1, 2]) texts.push(await engine.generate('A city:', { grammar, seed, maxTokens: 9 }).text());
      await engine.dispose();
      return texts;
    })()`);
    assert.ok(Array.isArray(seen) && seen.every((text) => text === 'Paris' || text === 'Lyon'), JSON.stringify(seen));
    assert.equal(requests.filter((request) => request.endsWith('/chord-grammar.wasm')).length, 1);
  }
  assert.deepEqual(problems, []);
  await page.context().close();
});
