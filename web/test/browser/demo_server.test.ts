// The page in demo/ as `wasm-chord serve` serves it, in headless Chromium.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { load } from 'wasm-chord';
import { pageFiles } from '../../src/serve/page_files.js';
import { ChordServer } from '../../src/serve/server.js';
import {
  answers,
  ask,
  conversationWith,
  expected,
  importFile,
  inPage,
  modelFile,
  openModels,
  question,
  root,
  Stage,
  story,
  untilReady,
} from './demo_page.js';

const stage = new Stage();
const folder = mkdtempSync(join(tmpdir(), 'served-'));

before(async () => {
  cpSync(root, folder, { recursive: true });
  writeFileSync(join(folder, 'elsewhere.json'), '{}');
  await stage.open();
});
after(async () => {
  await stage.close();
  rmSync(folder, { recursive: true });
});

test('the model of the server: waited for, asked with a key, and told of when it is away', async () => {
  const server = new ChordServer({
    loopback: true,
    origins: [],
    apiKey: 'secret',
    queue: 1,
    timeoutMs: Infinity,
    maxBodyBytes: 4_000_000,
    heartbeatMs: 10_000,
    page: await pageFiles(new URL(`${pathToFileURL(folder).href}/`)),
    log: () => undefined,
  });
  const port = await server.listen('127.0.0.1', 0);
  const { page, problems } = await stage.visit(`http://127.0.0.1:${port}/?service-worker=off`, {}, '/v1/');
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));

  const problem = page.getByRole('alert');
  await problem.getByRole('heading', { name: 'The server wants an API key' }).waitFor();
  assert.equal(await page.locator('#hint').textContent(), 'Runs on the server. Check what matters.');
  await problem.getByRole('button', { name: 'Give the key…' }).click();
  await page.getByText('API key', { exact: true }).click();
  await page.getByRole('textbox', { name: 'Of a server that was started with one' }).fill('secret');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Loading the model of this server' }).waitFor();
  const engine = await load(modelFile, { device: 'cpu' });
  server.begin(engine);
  await untilReady(page);
  assert.equal(await page.locator('#model-place').textContent(), `server at 127.0.0.1:${port}`);
  assert.match((await page.locator('#hint').textContent()) ?? '', /^Runs on the server at /);

  await ask(page, question);
  assert.deepEqual(await answers(page, 1), [expected]);
  assert.match((await page.locator('.turn.model .meta').textContent()) ?? '', /^\d+ tokens · [\d.]+ tokens\/s$/);
  await inPage(
    page,
    `void new MutationObserver((changes, observer) => {
      if (!document.querySelectorAll('.turn.model .meta')[1]?.textContent.includes('tokens/s')) return;
      observer.disconnect();
      document.getElementById('stop').click();
    }).observe(document.getElementById('log'), { childList: true, subtree: true })`,
  );
  await ask(page, story);
  assert.ok(((await answers(page, 2))[1] ?? '').length < 400);
  assert.match((await page.locator('.turn.model .meta').last().textContent()) ?? '', /stopped$/);

  await importFile(page, conversationWith('Once upon a time, there was a cat. '.repeat(100)));
  await page.getByRole('navigation').getByRole('button', { name: 'Show me', exact: true }).click();
  await ask(page, question);
  assert.equal((await answers(page, 2))[1], expected);
  assert.match((await page.locator('.turn.model .meta').last().textContent()) ?? '', /· without the beginning/);

  await page.getByRole('button', { name: 'Stats' }).click();
  assert.match(await page.locator('#stats-pane').innerText(), /Runs on\sserver at 127\.0\.0\.1/);
  await openModels(page);
  await page.getByText(/^Loaded: 7\.3 million parameters, Q8_0, on the server at /).waitFor();
  await page.keyboard.press('Escape');
  assert.deepEqual(
    asked.filter((url) => /\.(wasm|gguf)$/.test(url)),
    [],
  );

  await server.stop(0);
  await engine.dispose();
  await ask(page, question);
  await problem.getByRole('heading', { name: 'The server does not answer' }).waitFor();
  assert.deepEqual(problems, []);
  await page.context().close();
});
