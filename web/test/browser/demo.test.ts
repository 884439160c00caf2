// The page in demo/, as Vite builds it, in headless Chromium: models, and what outlasts them. Hosts send it no headers,
// except where a test says so.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { serve } from '../../tools/serve.mjs';
import {
  answers,
  ask,
  expected,
  focused,
  inPage,
  lookAt,
  modelFile,
  openModels,
  question,
  reload,
  root,
  Stage,
  startTiny,
  story,
  suggestion,
  untilIsolated,
  untilReady,
  width,
} from './demo_page.js';
import { tinyEncoder } from '../tiny_encoder.js';

const stage = new Stage();
before(() => stage.open());
after(() => stage.close());

test('a host without headers: the page isolates itself, answers several turns, and asks for its own files', async () => {
  const { origin } = await stage.host();
  const { page, problems } = await stage.visit(origin);
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
  // And it is told to those who hear it.
  assert.equal(await page.getByRole('log', { name: 'The answer' }).textContent(), second);
  assert.match((await page.locator('.turn.model .meta').last().textContent()) ?? '', /^\d+ tokens · [\d.]+ tokens\/s$/);

  await page.getByRole('button', { name: 'Stats' }).click();
  const stats = await page.locator('#stats-pane').innerText();
  assert.match(stats, /First token\s[\d.]+\s+m?s/);
  assert.match(stats, /Writing\s[\d.]+\s+tokens\/s/);
  assert.match(stats, /\d+ of them known from before/);
  assert.match(stats, /Threads\s[2-9]/);
  assert.match(stats, /Weights\s7\.\d MB/);
  await page.getByRole('img', { name: /^Speed of writing: [\d.]+ tokens\/s now/ }).waitFor();
  await page.getByRole('img', { name: /^Memory: Weights 7\.\d MB, Conversations / }).waitFor();

  await page.getByRole('navigation').getByRole('button', { name: 'New chat' }).click();
  assert.equal(await page.locator('.turn').count(), 0);
  await suggestion(page, question).click();
  assert.deepEqual(await answers(page, 1), [expected]);
  assert.deepEqual(foreign, []);
  assert.deepEqual(problems, []);
  await page.context().close();
});

test('what is asked before the page has isolated itself is answered after that', async () => {
  const { origin } = await stage.host();
  const { page, problems } = await stage.visit(origin);
  await suggestion(page, question).click();
  await untilIsolated(page);
  assert.deepEqual(await answers(page, 1), [expected]);
  assert.deepEqual(problems, []);
  await page.context().close();
});

test('a new version of the page is seen at the next visit', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'page-'));
  cpSync(root, folder, { recursive: true });
  const { server, origin } = await serve({ root: folder });
  stage.servers.add(server);
  const { page, problems } = await stage.visit(origin);
  await untilIsolated(page);
  const index = readFileSync(join(folder, 'index.html'), 'utf8');
  writeFileSync(join(folder, 'index.html'), index.replace('name="description"', 'name="newer"'));
  const isNewer = `document.querySelector('meta[name=newer]') !== null`;
  await reload(page);
  assert.equal(await inPage(page, isNewer), true);
  stage.closeServer(server);
  await reload(page);
  assert.equal(await inPage(page, isNewer), false);
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
    const { origin } = await stage.host(isolated);
    const { page, problems } = await stage.visit(`${origin}/?service-worker=off`);
    // The first message has the bundled model loaded.
    await page.locator('#app:not([inert])').waitFor();
    await ask(page, question);
    assert.deepEqual(await answers(page, 1), [expected]);
    assert.equal(await inPage(page, 'crossOriginIsolated'), isolated);
    assert.equal(await inPage(page, 'navigator.serviceWorker.controller'), null);
    await page.getByRole('button', { name: 'Stats' }).click();
    assert.match(await page.locator('#stats-pane').innerText(), threads);
    assert.deepEqual(problems, []);
    await page.context().close();
  }
});

test('what is not a model is told of, and another one loads; the chat outlasts it all', async () => {
  const models = await stage.modelHost((request, response) => {
    if (request.url === '/no-such-model.gguf') return void response.writeHead(404).end();
    response.writeHead(200, { 'content-length': readFileSync(modelFile).length }).end(readFileSync(modelFile));
  });
  const { page, problems } = await stage.visitIsolated();
  const problem = page.getByRole('dialog').getByRole('alert');

  await page.getByRole('button', { name: 'Choose another model…' }).click();
  await lookAt(page, 'a model please');
  await problem.getByText('That is neither a URL').waitFor();
  assert.equal(await page.locator('#address').getAttribute('aria-invalid'), 'true');
  await page.locator('#file').setInputFiles('package.json');
  await problem.getByRole('heading', { name: 'This is not a model file' }).waitFor();
  await lookAt(page, `${models}/no-such-model.gguf`);
  await problem.getByRole('heading', { name: 'The download failed' }).waitFor();
  assert.match(await problem.innerText(), /404/);
  await lookAt(page, `${models}/tiny.gguf`);
  await page.getByRole('button', { name: 'Download' }).click();
  await untilReady(page);
  await ask(page, question);
  assert.deepEqual(await answers(page, 1), [expected]);

  // Another file, and a wrong one before it.
  await openModels(page);
  await page.locator('#file').setInputFiles('package.json');
  await problem.getByRole('heading', { name: 'This is not a model file' }).waitFor();
  await page.keyboard.press('Escape');
  await ask(page, 'What is the opposite of hot?');
  assert.equal((await answers(page, 2)).length, 2);
  await openModels(page);
  await page.locator('#file').setInputFiles(modelFile);
  await page.locator('#models').waitFor({ state: 'hidden' });
  await untilReady(page);
  await ask(page, question);
  assert.deepEqual((await answers(page, 3)).at(-1), expected);

  // One that has nothing to say gives way to the one before it.
  await openModels(page);
  const buffer = tinyEncoder();
  await page.locator('#file').setInputFiles({ name: 'bert.gguf', mimeType: 'application/octet-stream', buffer });
  await page.getByRole('alert').getByRole('heading', { name: 'This model does not chat' }).waitFor();
  await page.getByRole('button', { name: /^Load .* again$/ }).click();
  await untilReady(page);
  assert.deepEqual(problems, []);
  await page.context().close();
});

test('a GPU that is not there is told of, and costs nothing', async () => {
  const { page, problems } = await stage.visitIsolated();
  await startTiny(page);
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('combobox', { name: 'Runs on' }).selectOption('webgpu');
  await page.getByRole('button', { name: 'Load the model again' }).click();
  const problem = page.getByRole('alert');
  await problem.getByRole('heading', { name: 'The GPU cannot run the model' }).waitFor();
  // What is asked now waits for a model that can be loaded.
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('combobox', { name: 'Runs on' }).selectOption('auto');
  await page.keyboard.press('Escape');
  await problem.getByRole('button', { name: 'Try again' }).click();
  await ask(page, question);
  assert.deepEqual(await answers(page, 1), [expected]);
  await page.getByRole('button', { name: 'Stats' }).click();
  assert.match(await page.locator('#stats-pane').innerText(), /Why\s.*WebGPU/);
  assert.deepEqual(problems, []);
  await page.context().close();
});

test('what a model will take is told before it is downloaded, and where it is too much', async () => {
  const bytes = readFileSync(modelFile);
  const models = await stage.modelHost((_, response) => {
    response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
  });
  const { page, problems } = await stage.visitIsolated();
  await openModels(page);
  await lookAt(page, `${models}/tiny.gguf?token=secret`);
  await page.getByRole('heading', { name: 'Chord Tiny' }).waitFor();
  const facts = await page.locator('#outlook-facts').innerText();
  assert.match(facts, /Kind\s+llama, 7\.3 million parameters, Q8_0/);
  assert.match(facts, /Download\s+7\.9 MB/);
  assert.match(facts, /Memory\s+\d+\.\d MB of the [\d.]+ GB/);
  assert.equal(await page.locator('#outlook-warning').isVisible(), false);
  await page.getByRole('button', { name: 'Another model', exact: true }).click();
  assert.doesNotMatch(String(await inPage(page, 'JSON.stringify(localStorage)')), /secret/);

  await inPage(page, `Object.defineProperty(navigator, 'deviceMemory', { value: 2 ** -10 })`);
  await page.locator('#file').setInputFiles(modelFile);
  await page.getByText('It may be too large for this device').waitFor();
  await page.getByRole('button', { name: 'Load it all the same' }).click();
  await untilReady(page);
  assert.deepEqual(problems, []);
  await page.context().close();
});

/** Where the page is, and all that it has stored: of files their names, and what is small. */
const everythingKept = `(async () => {
  const found = [location.href, JSON.stringify([localStorage, sessionStorage])];
  const visit = async (folder) => {
    for await (const [name, handle] of folder) {
      found.push(name);
      if (handle.kind === 'directory') await visit(handle);
      else {
        const file = await handle.getFile();
        if (file.size < 1e5) found.push(await file.text());
      }
    }
  };
  await visit(await navigator.storage.getDirectory());
  return found.join('\\n');
})()`;

test('a gated repository on Hugging Face: its files, and a token that is stored nowhere', async () => {
  const { page, problems } = await stage.visitIsolated();
  const refused: string[] = [];
  await page.route('https://huggingface.co/**', async (route) => {
    const request = route.request();
    const headers = { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' };
    if (request.headers()['authorization'] !== 'Bearer hf_secret') {
      refused.push(new URL(request.url()).pathname);
      return route.fulfill({ status: request.method() === 'OPTIONS' ? 204 : 401, headers });
    }
    if (request.url().includes('/resolve/')) return route.fulfill({ path: modelFile, headers });
    const files = [
      { type: 'file', path: 'gated-Q4_K_M.gguf', size: 4e8 },
      { type: 'file', path: 'gated-IQ1_S.gguf', size: 1e8 },
    ];
    return route.fulfill({ json: request.url().includes('/tree/') ? files : [], headers });
  });
  await openModels(page);
  await lookAt(page, 'owner/no-such-model');
  await page.getByRole('alert').getByText('If it is gated or private, give an access token below.').waitFor();
  assert.deepEqual(refused.splice(0), ['/api/models/owner/no-such-model/tree/main']);
  await page.getByText('Access token', { exact: true }).click();
  await page.getByLabel('For gated and private repositories').fill('hf_secret');
  await page.getByRole('button', { name: 'Look', exact: true }).click();
  await page.getByText('400 MB · a usual choice').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Look at gated-IQ1_S' }).isEnabled(), false);
  await page.getByRole('button', { name: 'Look at gated-Q4_K_M' }).click();
  await page.getByRole('button', { name: 'Download' }).click();
  await untilReady(page);
  assert.deepEqual(refused, []);
  assert.doesNotMatch(String(await inPage(page, everythingKept)), /hf_secret/);

  // It is the model of the next visit, too, and needs no token for what is here.
  await reload(page);
  await ask(page, question);
  assert.deepEqual(await answers(page, 1), [expected]);
  await openModels(page);
  await page.getByRole('button', { name: 'Delete gated-Q4_K_M' }).waitFor();
  assert.deepEqual(problems, []);
  await page.context().close();
});

test('a download is cancelled, and another one is not', async () => {
  const bytes = readFileSync(modelFile);
  const models = await stage.modelHost((_, response) => {
    response.writeHead(200, { 'content-length': bytes.length });
    response.write(bytes.subarray(0, bytes.length / 2));
  });
  const { page, problems } = await stage.visitIsolated();
  await openModels(page);
  await lookAt(page, `${models}/half.gguf`);
  await page.getByRole('button', { name: 'Download' }).click();
  await page.getByText(/^[1-4]\.\d MB of 7\.9 MB · waiting for the server …$/).waitFor();
  assert.ok(Number(await page.getByRole('progressbar').getAttribute('value')) > 0.1);
  // A question meanwhile waits, and what comes of the download does not lose it.
  await ask(page, question);
  await page.getByText('Waits for the model.').waitFor();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('alert').getByRole('heading', { name: 'The download was cancelled' }).waitFor();
  await page.getByRole('button', { name: 'Choose another model…' }).click();
  await page.locator('#load-tiny').click();
  assert.deepEqual(await answers(page, 1), [expected]);
  assert.deepEqual(problems, []);
  await page.context().close();
});

test('without the host, the page and the models that were there answer', async () => {
  const { origin, server } = await stage.host();
  const bytes = readFileSync(modelFile);
  const models = await stage.modelHost((_, response) => {
    response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
  });
  // That the host is away is what this is about.
  const { page, problems } = await stage.visit(origin, {}, origin);
  await untilIsolated(page);
  await startTiny(page);
  await ask(page, question);
  assert.deepEqual(await answers(page, 1), [expected]);
  await openModels(page);
  await lookAt(page, `${models}/mine.gguf`);
  await page.getByRole('button', { name: 'Download' }).click();
  await untilReady(page);

  for (const each of [server, ...stage.servers]) stage.closeServer(each);
  await reload(page);
  assert.equal(await inPage(page, 'crossOriginIsolated'), true);
  // The conversation is there, and the last model goes on with it.
  assert.deepEqual(await answers(page, 1), [expected]);
  await ask(page, question);
  assert.deepEqual(await answers(page, 2), [expected, expected]);
  await openModels(page);
  await page.getByRole('button', { name: 'Load mine' }).click();
  await page.locator('#models').waitFor({ state: 'hidden' });
  await untilReady(page);
  await openModels(page);
  await page.getByRole('button', { name: 'Delete mine' }).click();
  await page.getByText('Kept on this device').waitFor({ state: 'hidden' });
  assert.deepEqual(problems, []);
  await page.context().close();
});

test('a file that is dropped on the page is loaded, and unloaded', async () => {
  const { page, problems } = await stage.visitIsolated();
  const name = readdirSync(`${root}assets`).find((file) => file.endsWith('.gguf')) ?? '';
  await inPage(
    page,
    `(async () => {
      const bytes = await (await fetch('assets/${name}')).arrayBuffer();
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([bytes], 'mine.gguf'));
      for (const type of ['dragenter', 'dragover', 'drop'])
        document.getElementById('main').dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer }));
    })()`,
  );
  await untilReady(page);
  await ask(page, question);
  assert.deepEqual(await answers(page, 1), [expected]);
  await openModels(page);
  await page.getByText(/^Loaded: 7\.3 million parameters, Q8_0, on the CPU, .* with \d+\.\d MB of memory\.$/).waitFor();
  await page.getByRole('button', { name: 'Unload' }).click();
  assert.equal(await page.locator('#model-name').textContent(), 'Choose a model');
  assert.deepEqual(problems, []);
  await page.context().close();
});

test('a whole round with the keyboard', async () => {
  const { page, problems } = await stage.visitIsolated();
  const order: unknown[] = [];
  for (let stop = 0; stop < 12; stop++) {
    await page.keyboard.press('Tab');
    order.push(await focused(page));
  }
  assert.deepEqual(order, [
    'hide-sidebar',
    'new-chat',
    'search',
    'open-settings',
    'open-shortcuts',
    'library-menu',
    'open-models',
    'open-lab',
    'open-stats',
    'scroller',
    'start-tiny',
    'start-other',
  ]);
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Enter');
  await page.locator('#prompt:focus').waitFor();
  await page.keyboard.type(question);
  await page.keyboard.press('Enter');
  assert.deepEqual(await answers(page, 1), [expected]);
  assert.equal(await focused(page), 'prompt');

  // The last question in other words.
  await page.keyboard.press('ArrowUp');
  await page.locator('.edit textarea:focus').waitFor();
  await page.keyboard.press('Escape');
  await page.locator('.edit').waitFor({ state: 'detached' });

  await page.keyboard.press('Control+,');
  await page.getByRole('dialog', { name: 'Settings' }).waitFor();
  await page.getByRole('textbox', { name: 'System prompt' }).focus();
  await page.keyboard.type('Answer in one word.');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+/');
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+k');
  assert.equal(await focused(page), 'search');
  await page.keyboard.press('ArrowDown');
  assert.equal(await inPage(page, 'document.activeElement.textContent'), question);
  await page.keyboard.press('Control+Shift+O');
  assert.equal(await focused(page), 'prompt');
  assert.equal(await page.locator('.turn').count(), 0);

  await page.getByRole('button', { name: 'Lab' }).click();
  assert.equal(await focused(page), 'tab-lab');
  await page.keyboard.press('ArrowLeft');
  assert.equal(await focused(page), 'tab-stats');
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('#panel').isVisible(), false);
  await reload(page);
  assert.equal(await page.locator('#system').inputValue(), 'Answer in one word.');
  assert.equal(await page.locator('#temperature').inputValue(), '0');
  assert.deepEqual(problems, []);
  await page.context().close();
});

test('on a phone nothing is wider than the screen, and what lies over the chat keeps the focus', async () => {
  const phone = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };
  const { page, problems } = await stage.visitIsolated(phone);
  const isStageInert = (): Promise<unknown> => inPage(page, `document.getElementById('stage').inert`);
  assert.equal(await width(page), 360);
  await page.getByRole('button', { name: 'Choose another model…' }).tap();
  assert.equal(await width(page), 360);
  await page.locator('#file').setInputFiles('package.json');
  await page.getByRole('alert').getByRole('button', { name: 'Choose another file…' }).waitFor();
  assert.equal(await width(page), 360);
  await page.locator('#load-tiny').tap();
  await untilReady(page);
  await ask(page, story);
  await answers(page, 1);
  await ask(page, `${'word'.repeat(40)} ${'and '.repeat(10)}`);
  await answers(page, 2);
  assert.equal(await width(page), 360);
  await page.getByRole('button', { name: 'Show the conversations' }).tap();
  assert.equal(await width(page), 360);
  assert.equal(await isStageInert(), true);
  await page.getByRole('navigation').getByRole('button', { name: story, exact: true }).tap();
  assert.equal(await isStageInert(), false);
  await page.getByRole('button', { name: 'Stats' }).tap();
  assert.equal(await width(page), 360);
  assert.equal(await isStageInert(), true);
  await page.getByRole('tab', { name: 'Lab' }).tap();
  assert.equal(await width(page), 360);
  await page.getByRole('button', { name: 'Close' }).tap();
  assert.equal(await isStageInert(), false);
  assert.deepEqual(problems, []);
  await page.context().close();
});
