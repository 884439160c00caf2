// The page in demo/, as Vite builds it, in headless Chromium. Hosts send it no headers, except where a test says so.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { serve } from '../../tools/serve.mjs';
import { launchChromium, watchedPage } from './chromium.js';

const root = 'demo/dist/';
const modelFile = '../models/chord-tiny/chord-tiny-q8_0.gguf';
const question = 'What is the capital of France?';
const expected = 'The capital of France is Paris.';
const story = 'Tell me a story about a cat and a boat.';

let browser: Browser;
const servers = new Set<Server>();

before(async () => {
  browser = await launchChromium();
});
after(async () => {
  await browser.close();
  for (const server of servers) close(server);
});

function close(server: Server): void {
  server.closeAllConnections();
  server.close();
  servers.delete(server);
}

/** The page on a host of its own: nothing is kept from another test. */
async function host(isolated = false): Promise<{ origin: string; server: Server }> {
  const hosted = await serve({ root, isolated });
  servers.add(hosted.server);
  return hosted;
}

/** A host of models, from which any page may load. */
async function modelHost(answer: RequestListener): Promise<string> {
  const server = createServer((request, response) => {
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('access-control-allow-headers', '*');
    if (request.method === 'OPTIONS') response.writeHead(204).end();
    else answer(request, response);
  });
  servers.add(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return `http://127.0.0.1:${address.port}`;
}

/** A visit with greedy answers, of which each is the same. */
async function visit(
  url: string,
  options: BrowserContextOptions = {},
  noise = 'no-such-model',
): Promise<{ page: Page; problems: string[] }> {
  const context = await browser.newContext(options);
  const settings = JSON.stringify({ temperature: '0' });
  await context.addInitScript(`localStorage.getItem('wasm-chord page: settings') ??
    localStorage.setItem('wasm-chord page: settings', ${JSON.stringify(settings)})`);
  const opened = await watchedPage(context, noise);
  await opened.page.goto(url);
  return opened;
}

const inPage = (page: Page, expression: string): Promise<unknown> => page.evaluate(expression);

/** The host sends no headers, so the page reloads once, with those of its service worker. */
async function untilIsolated(page: Page): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if ((await inPage(page, 'crossOriginIsolated').catch(() => false)) === true) {
      // Now its script runs, too.
      await page.locator('main:not([inert])').waitFor();
      return;
    }
    await page.waitForTimeout(100);
  }
  assert.fail('the page was not isolated within ten seconds');
}

async function startTiny(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Start' }).click();
  await page.getByRole('textbox', { name: 'Your message' }).waitFor();
}

async function ask(page: Page, text: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Your message' }).fill(text);
  await page.keyboard.press('Enter');
}

/** The model's turns, once the last of so many is complete. */
async function answers(page: Page, count: number): Promise<string[]> {
  await page
    .locator('.turn.model:not([aria-busy])')
    .nth(count - 1)
    .waitFor();
  return page.locator('.turn.model .text').allTextContents();
}

const width = (page: Page): Promise<unknown> => inPage(page, 'document.documentElement.scrollWidth');
const focused = (page: Page): Promise<unknown> => inPage(page, 'document.activeElement.id');

test('a host without headers: the page isolates itself, answers several turns, and asks for its own files', async () => {
  const { origin } = await host();
  const { page, problems } = await visit(origin);
  const foreign: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(origin)) foreign.push(request.url());
  });
  await untilIsolated(page);
  await startTiny(page);
  await ask(page, question);
  assert.deepEqual(await answers(page, 1), [expected]);
  await ask(page, 'What is the opposite of hot?');
  const [, second] = await answers(page, 2);
  assert.match(second ?? '', /cold/i);
  assert.match((await page.locator('.meta').last().textContent()) ?? '', /^\d+ tokens · [\d.]+ tokens\/s$/);

  await page.getByRole('button', { name: 'Where it runs, and how fast: CPU, ' }).click();
  const details = await page.locator('#details-pane').innerText();
  assert.match(details, /First token\s[\d.]+\s+m?s/);
  assert.match(details, /Writing\s[\d.]+\s+tokens\/s/);
  assert.match(details, /\d+ of them known from before/);
  assert.match(details, /Threads\s[2-9]/);
  assert.match(details, /Weights\s7\.\d MB/);

  await page.getByRole('button', { name: 'New chat' }).click();
  assert.equal(await page.locator('.turn').count(), 0);
  await page.getByRole('button', { name: question }).click();
  assert.deepEqual(await answers(page, 1), [expected]);
  assert.deepEqual(foreign, []);
  assert.deepEqual(problems, []);
  await page.context().close();
});

test('what is chosen before the page has isolated itself is loaded after that', async () => {
  const { origin } = await host();
  const { page, problems } = await visit(origin);
  await page.getByRole('button', { name: 'Start' }).click();
  await untilIsolated(page);
  await page.getByRole('textbox', { name: 'Your message' }).waitFor();
  await ask(page, question);
  assert.deepEqual(await answers(page, 1), [expected]);
  await page.reload();
  await page.getByRole('button', { name: 'Start' }).waitFor();
  assert.deepEqual(problems, []);
  await page.context().close();
});

test('a new version of the page is seen at the next visit', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'page-'));
  cpSync(root, folder, { recursive: true });
  const { server, origin } = await serve({ root: folder });
  servers.add(server);
  const { page, problems } = await visit(origin);
  await untilIsolated(page);
  const index = readFileSync(join(folder, 'index.html'), 'utf8');
  writeFileSync(join(folder, 'index.html'), index.replace('<title>wasm-chord</title>', '<title>newer</title>'));
  await page.reload();
  assert.equal(await page.title(), 'newer');
  close(server);
  await page.reload();
  assert.equal(await page.title(), 'wasm-chord');
  assert.deepEqual(
    problems.filter((problem) => !problem.includes('ERR_CONNECTION')),
    [],
  );
  await page.context().close();
  rmSync(folder, { recursive: true });
});

test('without the service worker, and from a host that isolates', async () => {
  for (const [isolated, threads] of [
    [false, /Threads\s1: the page is not cross-origin isolated/],
    [true, /Threads\s[2-9]/],
  ] as const) {
    const { origin } = await host(isolated);
    const { page, problems } = await visit(`${origin}/?service-worker=off`);
    await startTiny(page);
    await ask(page, question);
    assert.deepEqual(await answers(page, 1), [expected]);
    assert.equal(await inPage(page, 'crossOriginIsolated'), isolated);
    assert.equal(await inPage(page, 'navigator.serviceWorker.controller'), null);
    await page.getByRole('button', { name: 'Where it runs, and how fast' }).click();
    assert.match(await page.locator('#details-pane').innerText(), threads);
    assert.deepEqual(problems, []);
    await page.context().close();
  }
});

test('an answer is stopped where it is, and the chat goes on', async () => {
  const { origin } = await host();
  const { page, problems } = await visit(origin);
  await untilIsolated(page);
  await startTiny(page);
  // Pressed from inside: the whole story would be told by the time that a click from here arrives.
  await inPage(
    page,
    `void new MutationObserver((changes, observer) => {
      if ((document.querySelector('.turn.model .text')?.textContent.length ?? 0) < 5) return;
      observer.disconnect();
      document.getElementById('stop').click();
    }).observe(document.getElementById('log'), { childList: true, subtree: true })`,
  );
  await ask(page, story);
  const [stopped = ''] = await answers(page, 1);
  assert.ok(stopped.length >= 5 && stopped.length < 200, stopped);
  assert.match((await page.locator('.meta').textContent()) ?? '', /· stopped$/);
  await ask(page, question);
  assert.deepEqual(await answers(page, 2), [stopped, expected]);
  assert.deepEqual(problems, []);
  await page.context().close();
});

test('what is not a model is told of, and another one loads; the chat outlasts it all', async () => {
  const { origin } = await host();
  const models = await modelHost((request, response) => {
    if (request.url === '/no-such-model.gguf') return void response.writeHead(404).end();
    response.writeHead(200, { 'content-length': readFileSync(modelFile).length }).end(readFileSync(modelFile));
  });
  const { page, problems } = await visit(origin);
  await untilIsolated(page);
  const problem = page.getByRole('alert');
  const address = page.getByRole('textbox', { name: 'Address of the model' });

  await address.fill('a model please');
  await address.press('Enter');
  await page.getByText('That is neither a URL').waitFor();
  assert.equal(await address.getAttribute('aria-invalid'), 'true');
  await page.locator('#file').setInputFiles('package.json');
  await problem.getByRole('heading', { name: 'This is not a model file' }).waitFor();
  await address.fill(`${models}/no-such-model.gguf`);
  await address.press('Enter');
  await problem.getByRole('heading', { name: 'The download failed' }).waitFor();
  assert.match(await problem.innerText(), /404/);

  await address.fill(`${models}/tiny.gguf`);
  await address.press('Enter');
  await page.getByRole('button', { name: 'Download' }).click();
  await page.getByRole('textbox', { name: 'Your message' }).waitFor();
  await ask(page, question);
  assert.deepEqual(await answers(page, 1), [expected]);

  // Another file, and a wrong one before it.
  await page.getByRole('button', { name: 'Change the model' }).click();
  await page.locator('#file').setInputFiles('package.json');
  await problem.getByRole('heading', { name: 'This is not a model file' }).waitFor();
  await page.getByRole('button', { name: 'Back to the chat' }).click();
  assert.deepEqual(await answers(page, 1), [expected]);
  await page.getByRole('button', { name: 'Change the model' }).click();
  await page.locator('#file').setInputFiles(modelFile);
  await page.getByRole('textbox', { name: 'Your message' }).waitFor();
  await ask(page, question);
  assert.deepEqual(await answers(page, 2), [expected, expected]);
  assert.deepEqual(problems, []);
  await page.context().close();
});

/** The bundled model with a template that opens a thought for it to finish. */
function thinkingModel(): Buffer {
  const bytes = readFileSync(modelFile);
  const begin = bytes.indexOf('{%- if tools %}');
  const last = '{%- if add_generation_prompt %}';
  const end = bytes.indexOf('{%- endif %}', bytes.indexOf(last)) + '{%- endif %}'.length;
  const turn = "'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n'";
  const template = `{%- for message in messages %}{{- ${turn} }}{%- endfor %}{{- '<|im_start|>assistant\\n<think>' }}`;
  // The length of a string is fixed in the file.
  bytes.write(`${template}{#${'.'.repeat(end - begin - template.length - 4)}#}`, begin);
  return bytes;
}

test('what the model thinks is shown apart from what it answers', async () => {
  const { origin } = await host();
  const { page, problems } = await visit(origin);
  await untilIsolated(page);
  const name = 'thinking.gguf';
  await page.locator('#file').setInputFiles({ name, mimeType: 'application/octet-stream', buffer: thinkingModel() });
  await page.getByRole('textbox', { name: 'Your message' }).waitFor();
  await ask(page, story);
  await page.locator('.turn.model:not([aria-busy])').waitFor();
  const thoughts = page.locator('.thoughts');
  assert.match(await thoughts.locator('summary').innerText(), /^Thought for \d+ s$/);
  assert.equal(await thoughts.locator('p').isVisible(), false);
  await thoughts.locator('summary').click();
  assert.match(await thoughts.locator('p').innerText(), /\w{4}/);
  assert.equal(await page.locator('.turn.model > .text').textContent(), '');
  assert.deepEqual(problems, []);
  await page.context().close();
});

test('a message that is too long, and a GPU that is not there, are told of, and cost nothing', async () => {
  const { origin } = await host();
  const { page, problems } = await visit(origin);
  await untilIsolated(page);
  await startTiny(page);
  await ask(page, question);
  await answers(page, 1);
  await ask(page, 'A long story. '.repeat(300));
  const problem = page.getByRole('alert');
  await problem.getByRole('heading', { name: 'The conversation is too long for this model' }).waitFor();
  assert.match(await page.getByRole('textbox', { name: 'Your message' }).inputValue(), /^A long story/);
  // The message that could not be answered does not count.
  await ask(page, question);
  assert.deepEqual((await answers(page, 3)).at(-1), expected);
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('combobox', { name: 'Runs on' }).selectOption('webgpu');
  await page.getByRole('button', { name: 'Load the model again' }).click();
  await problem.getByRole('heading', { name: 'The GPU cannot run the model' }).waitFor();
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('combobox', { name: 'Runs on' }).selectOption('auto');
  await problem.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('textbox', { name: 'Your message' }).waitFor();
  await page
    .getByRole('button', { name: 'Details' })
    .or(page.getByRole('tab', { name: 'Details' }))
    .click();
  assert.match(await page.locator('#details-pane').innerText(), /Why\s.*WebGPU/);
  assert.deepEqual(problems, []);
  await page.context().close();
});

test('the script of the page is small beside the engine', () => {
  const sizes = readdirSync(`${root}assets`)
    .filter((file) => /^page-.*\.js$/.test(file))
    .map((file) => statSync(`${root}assets/${file}`).size);
  assert.equal(sizes.length, 1);
  assert.ok(
    sizes.every((size) => size < 40_000),
    String(sizes),
  );
});

test('what a model will take is told before it is downloaded, and where it is too much', async () => {
  const { origin } = await host();
  const bytes = readFileSync(modelFile);
  const models = await modelHost((_, response) => {
    response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
  });
  const { page, problems } = await visit(origin);
  await untilIsolated(page);
  const address = page.getByRole('textbox', { name: 'Address of the model' });
  await address.fill(`${models}/tiny.gguf`);
  await address.press('Enter');
  await page.getByRole('heading', { name: 'Chord Tiny' }).waitFor();
  const facts = await page.locator('#outlook-facts').innerText();
  assert.match(facts, /Kind\s+llama, 7\.3 million parameters, Q8_0/);
  assert.match(facts, /Download\s+7\.9 MB/);
  assert.match(facts, /Memory\s+\d+\.\d MB of the [\d.]+ GB/);
  assert.equal(await page.locator('#outlook-warning').isVisible(), false);
  await page.getByRole('button', { name: 'Another model' }).click();
  await page.getByRole('heading', { name: 'A language model in this page' }).waitFor();

  await inPage(page, `Object.defineProperty(navigator, 'deviceMemory', { value: 2 ** -10 })`);
  await page.locator('#file').setInputFiles(modelFile);
  await page.getByText('It may be too large for this device').waitFor();
  await page.getByRole('button', { name: 'Load it all the same' }).click();
  await page.getByRole('textbox', { name: 'Your message' }).waitFor();
  assert.deepEqual(problems, []);
  await page.context().close();
});

test('a download is cancelled, and another one is not', async () => {
  const { origin } = await host();
  const bytes = readFileSync(modelFile);
  const models = await modelHost((_, response) => {
    response.writeHead(200, { 'content-length': bytes.length });
    response.write(bytes.subarray(0, bytes.length / 2));
  });
  const { page, problems } = await visit(origin);
  await untilIsolated(page);
  const address = page.getByRole('textbox', { name: 'Address of the model' });
  await address.fill(`${models}/half.gguf`);
  await address.press('Enter');
  await page.getByRole('button', { name: 'Download' }).click();
  await page.getByText(/^[1-4]\.\d MB of 7\.9 MB · waiting for the server …$/).waitFor();
  assert.ok(Number(await page.getByRole('progressbar').getAttribute('value')) > 0.1);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('alert').getByRole('heading', { name: 'The download was cancelled' }).waitFor();
  await startTiny(page);
  await ask(page, question);
  assert.deepEqual(await answers(page, 1), [expected]);
  assert.deepEqual(problems, []);
  await page.context().close();
});

test('without the host, the page and the models that were there answer', async () => {
  const { origin, server } = await host();
  const bytes = readFileSync(modelFile);
  const models = await modelHost((_, response) => {
    response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
  });
  // That the host is away is what this is about.
  const { page, problems } = await visit(origin, {}, origin);
  await untilIsolated(page);
  await startTiny(page);
  await ask(page, question);
  assert.deepEqual(await answers(page, 1), [expected]);
  await page.getByRole('button', { name: 'Change the model' }).click();
  const address = page.getByRole('textbox', { name: 'Address of the model' });
  await address.fill(`${models}/mine.gguf`);
  await address.press('Enter');
  await page.getByRole('button', { name: 'Download' }).click();
  await page.getByRole('textbox', { name: 'Your message' }).waitFor();

  for (const each of [server, ...servers]) close(each);
  await page.reload();
  assert.equal(await inPage(page, 'crossOriginIsolated'), true);
  await page.getByRole('button', { name: 'Start no download' }).click();
  await page.getByRole('textbox', { name: 'Your message' }).waitFor();
  await ask(page, question);
  assert.deepEqual(await answers(page, 1), [expected]);
  await page.getByRole('button', { name: 'Change the model' }).click();
  await page.getByRole('button', { name: 'Load mine' }).click();
  await page.getByRole('textbox', { name: 'Your message' }).waitFor();
  await ask(page, question);
  assert.deepEqual(await answers(page, 2), [expected, expected]);

  await page.getByRole('button', { name: 'Change the model' }).click();
  await page.getByRole('button', { name: 'Delete mine' }).click();
  await page.getByText('Kept on this device').waitFor({ state: 'hidden' });
  assert.deepEqual(problems, []);
  await page.context().close();
});

test('a file that is dropped on the page is loaded', async () => {
  const { origin } = await host();
  const { page, problems } = await visit(origin);
  await untilIsolated(page);
  const name = readdirSync(`${root}assets`).find((file) => file.endsWith('.gguf')) ?? '';
  await inPage(
    page,
    `(async () => {
      const bytes = await (await fetch('assets/${name}')).arrayBuffer();
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([bytes], 'mine.gguf'));
      for (const type of ['dragenter', 'dragover', 'drop'])
        document.getElementById('picker').dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer }));
    })()`,
  );
  await page.getByRole('textbox', { name: 'Your message' }).waitFor();
  await ask(page, question);
  assert.deepEqual(await answers(page, 1), [expected]);
  assert.deepEqual(problems, []);
  await page.context().close();
});

test('a whole round with the keyboard', async () => {
  const { origin } = await host();
  const { page, problems } = await visit(origin);
  await untilIsolated(page);
  const order: unknown[] = [];
  for (let stop = 0; stop < 5; stop++) {
    await page.keyboard.press('Tab');
    order.push(await focused(page));
  }
  assert.deepEqual(order, ['open-settings', 'load-tiny', 'choose-file', 'address', 'load-web']);
  for (let stop = 0; stop < 3; stop++) await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Enter');
  await page.locator('#prompt:focus').waitFor();
  await page.keyboard.type(question);
  await page.keyboard.press('Enter');
  assert.deepEqual(await answers(page, 1), [expected]);
  assert.equal(await focused(page), 'prompt');

  for (let stop = 0; stop < 2; stop++) await page.keyboard.press('Shift+Tab');
  assert.equal(await focused(page), 'open-settings');
  await page.keyboard.press('Enter');
  assert.equal(await focused(page), 'tab-settings');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.type('Answer in one word.');
  await page.keyboard.press('Escape');
  assert.equal(await focused(page), 'open-settings');
  assert.equal(await page.locator('#panel').isVisible(), false);
  await page.reload();
  assert.equal(await page.locator('#system').inputValue(), 'Answer in one word.');
  assert.equal(await page.locator('#temperature').inputValue(), '0');
  assert.deepEqual(problems, []);
  await page.context().close();
});

test('on a phone nothing is wider than the screen, and the settings lie over the chat', async () => {
  const { origin } = await host();
  const phone = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };
  const { page, problems } = await visit(origin, phone);
  await untilIsolated(page);
  assert.equal(await width(page), 360);
  await page.locator('#file').setInputFiles('package.json');
  await page.getByRole('alert').getByRole('button', { name: 'Choose another file…' }).waitFor();
  assert.equal(await width(page), 360);
  await startTiny(page);
  await ask(page, story);
  await answers(page, 1);
  await ask(page, `${'word'.repeat(40)} ${'and '.repeat(10)}`);
  await answers(page, 2);
  assert.equal(await width(page), 360);
  await page.getByRole('button', { name: 'Settings' }).tap();
  assert.equal(await width(page), 360);
  assert.equal(await inPage(page, `document.getElementById('main').inert`), true);
  await page.getByRole('tab', { name: 'Details' }).tap();
  assert.equal(await width(page), 360);
  await page.getByRole('button', { name: 'Close' }).tap();
  assert.equal(await inPage(page, `document.getElementById('main').inert`), false);
  assert.deepEqual(problems, []);
  await page.context().close();
});
