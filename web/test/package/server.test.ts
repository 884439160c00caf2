// The installed program's server, in Node, Bun and Deno, and the page that it serves.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launchChromium, watchedPage } from '../browser/chromium.js';
import { Project, answer, bun, deno, model, node20, question } from './project.js';
import type { Started } from './project.js';

let project: Project;

before(async () => {
  project = await Project.install({});
});
after(() => {
  project.remove();
});

const program = ['node_modules/wasm-chord/dist/cli.js', 'serve', model, '--port', '0', '--device', 'cpu'];
const permissions = ['--allow-read', '--allow-sys', '--allow-env', '--allow-net'];

/** With its log in the output. */
async function start(...command: string[]): Promise<Started> {
  const started = await project.start('sh', '-c', 'exec "$0" "$@" 2>&1', ...command, ...program);
  while ((await fetch(`${started.origin}/health`)).status !== 200)
    await new Promise((resolve) => setTimeout(resolve, 20));
  return started;
}

function ask(origin: string, more: object, signal?: AbortSignal): Promise<Response> {
  return fetch(`${origin}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ messages: [{ role: 'user', content: question }], temperature: 0, ...more }),
    signal: signal ?? null,
  });
}

for (const [name, command, ...args] of [
  ['Node 20', node20],
  ['Bun', bun],
  ['Deno', deno, 'run', '--no-remote', ...permissions],
] as const) {
  test(`${name}: answers, streams, refuses, and stops for a client that leaves`, async () => {
    const { origin, output, end } = await start(command, ...args);
    try {
      assert.match(await (await ask(origin, {})).text(), new RegExp(`"content":"${answer}"`));
      const streamed = await (await ask(origin, { stream: true })).text();
      const deltas = [...streamed.matchAll(/"delta":{"content":"(.*?)"}/g)].map(([, text]) => text);
      assert.equal(deltas.join(''), answer);
      assert.ok(streamed.endsWith('\n\ndata: [DONE]\n\n'));
      assert.equal((await ask(origin, { temperature: -1 })).status, 400);
      assert.equal((await ask(origin, { user: 'x'.repeat(5_000_000) })).status, 413);
      const control = new AbortController();
      // A story that does not end.
      const endless = { messages: [{ role: 'user', content: 'Tell me a story.' }], logit_bias: { 0: -100, 2: -100 } };
      const story = await ask(origin, { ...endless, stream: true }, control.signal);
      await story.body?.getReader().read();
      control.abort();
      while (!/ 499 \d+ ms$/m.test(output())) {
        assert.equal(output().match(/ 200 \d+ ms$/gm)?.length, 2, 'the story was written to its end');
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    } finally {
      end();
    }
  });
}

test('the page comes with it, isolated, talks with its model, and loads another', async () => {
  const { origin, end } = await start(node20);
  const browser = await launchChromium();
  try {
    const { page, problems } = await watchedPage(browser, 'nothing');
    const missing: string[] = [];
    page.on('response', (response) => {
      if (response.status() >= 400) missing.push(response.url());
    });
    await page.goto(origin);
    assert.equal(await page.evaluate('crossOriginIsolated'), true);
    await page.getByRole('textbox', { name: 'Your message' }).fill(question);
    await page.keyboard.press('Enter');
    await page.locator('.turn.model:not([aria-busy])', { hasText: 'Paris' }).waitFor();
    assert.match((await page.locator('#model-place').textContent()) ?? '', /^server at /);
    await page.locator('#file').setInputFiles(model);
    await page.locator('#model-place', { hasText: 'CPU' }).waitFor({ timeout: 60_000 });
    assert.deepEqual([problems, missing], [[], []]);
  } finally {
    await browser.close();
    end();
  }
});
