// The page in demo/ in headless Chromium: conversations, answers and what is shown of them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { pageScripts } from '../../tools/page_size.mjs';
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
  reload,
  Stage,
  startTiny,
  story,
  untilReady,
} from './demo_page.js';

const stage = new Stage();
before(() => stage.open());
after(() => stage.close());

test('the script of the page is small beside the engine', () => {
  const { first, later } = pageScripts();
  assert.ok(first < 100_000, `${first} bytes before a model is loaded`);
  assert.ok(later < 150_000, `${later} bytes with the first answer and the first code`);
});

test('an answer is stopped where it is, and the chat goes on', async () => {
  const { page, problems } = await stage.visitIsolated();
  await startTiny(page);
  // Pressed from inside: the whole story would be told by the time that a click from here arrives.
  await inPage(
    page,
    `void new MutationObserver((changes, observer) => {
      if (!document.querySelector('.turn.model .meta')?.textContent.includes('tokens/s')) return;
      observer.disconnect();
      document.getElementById('stop').click();
    }).observe(document.getElementById('log'), { childList: true, subtree: true })`,
  );
  await ask(page, story);
  const [stopped = ''] = await answers(page, 1);
  assert.ok(stopped.length > 0 && stopped.length < 400, stopped);
  assert.match((await page.locator('.turn.model .meta').textContent()) ?? '', /· stopped$|^stopped$/);
  await ask(page, question);
  assert.deepEqual(await answers(page, 2), [stopped, expected]);
  assert.deepEqual(problems, []);
  await page.context().close();
});

test('what is too long: a message is told of, a conversation is shortened', async () => {
  const { page, problems } = await stage.visitIsolated();
  await startTiny(page);
  await ask(page, question);
  await answers(page, 1);
  await ask(page, 'A long story. '.repeat(300));
  const problem = page.getByRole('alert');
  await problem.getByRole('heading', { name: 'The conversation is too long for this model' }).waitFor();
  assert.match(await page.getByRole('textbox', { name: 'Your message' }).inputValue(), /^A long story/);
  assert.equal(await page.getByText('Not answered yet.').count(), 0);
  const height = async (): Promise<number> =>
    (await page.locator('.turn.user .text').last().boundingBox())?.height ?? 0;
  const cut = await height();
  await page.getByRole('button', { name: 'Show all' }).click();
  assert.ok((await height()) > 2 * cut);
  await page.getByRole('button', { name: 'Show less' }).click();
  assert.equal(await height(), cut);
  // The message that could not be answered does not count.
  await ask(page, question);
  assert.deepEqual(await answers(page, 2), [expected, expected]);

  // A conversation that has grown too long goes on without its beginning.
  await importFile(page, conversationWith('Once upon a time, there was a cat. '.repeat(100)));
  await page.getByRole('navigation').getByRole('button', { name: 'Show me', exact: true }).click();
  await ask(page, question);
  assert.equal((await answers(page, 2))[1], expected);
  assert.match((await page.locator('.turn.model .meta').last().textContent()) ?? '', /· without the beginning/);
  assert.deepEqual(problems, []);
  await page.context().close();
});

test('answers and questions have versions, and all of them are kept', async () => {
  const { page, problems } = await stage.visitIsolated();
  await startTiny(page);
  await ask(page, question);
  await answers(page, 1);
  await page.getByRole('button', { name: 'Answer again' }).click();
  await page.getByRole('img', { name: 'Version 2 of 2' }).waitFor();
  assert.deepEqual(await answers(page, 1), [expected]);

  await page.locator('.turn.user').hover();
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByRole('textbox', { name: 'in other words' }).fill('What is the capital of Italy?');
  await page.keyboard.press('Enter');
  assert.match((await answers(page, 1))[0] ?? '', /Rome/);
  await page.locator('.turn.user').hover();
  await page.getByRole('button', { name: 'The version before' }).click();
  assert.deepEqual(await answers(page, 1), [expected]);
  await reload(page);
  assert.deepEqual(await answers(page, 1), [expected]);
  assert.equal(await page.getByRole('img', { name: 'Version 1 of 2' }).count(), 1);
  assert.equal(await page.getByRole('img', { name: 'Version 2 of 2' }).count(), 1);
  assert.deepEqual(problems, []);
  await page.context().close();
});

test('conversations are kept, found, renamed, deleted, exported and imported', async () => {
  const { page, problems } = await stage.visitIsolated();
  const side = page.getByRole('navigation', { name: 'Conversations' });
  const titles = (): Promise<string[]> => side.locator('.title').allTextContents();
  await startTiny(page);
  await ask(page, question);
  await answers(page, 1);
  await side.getByRole('button', { name: 'New chat' }).click();
  await ask(page, story);
  await answers(page, 1);
  await reload(page);
  assert.deepEqual(await titles(), [story, question]);
  assert.match((await answers(page, 1))[0] ?? '', /Once|once/);

  const search = side.getByRole('searchbox');
  await search.fill('paris');
  assert.deepEqual(await titles(), [question]);
  assert.equal(await side.locator('mark').textContent(), 'Paris');
  await search.press('Enter');
  await page.keyboard.press('Enter');
  assert.deepEqual(await answers(page, 1), [expected]);
  await search.fill('');

  await side.getByRole('button', { name: `More about ${question}` }).click();
  await page.getByRole('menuitem', { name: 'Rename' }).click();
  await side.getByRole('textbox', { name: 'Title of the conversation' }).fill('France');
  await page.keyboard.press('Enter');
  assert.deepEqual(await titles(), [story, 'France']);

  const exported = page.waitForEvent('download');
  await side.getByRole('button', { name: 'More about France' }).click();
  await page.getByRole('menuitem', { name: 'Export as Markdown' }).click();
  const file = await exported;
  assert.equal(file.suggestedFilename(), 'France.md');
  assert.match(
    readFileSync(await file.path(), 'utf8'),
    /^# France\n[^]*## You\n\nWhat is the capital of France\?\n\n## /,
  );

  const all = page.waitForEvent('download');
  await side.getByRole('button', { name: 'Import and export' }).click();
  await page.getByRole('menuitem', { name: 'Export all as JSON' }).click();
  const json = readFileSync(await (await all).path());

  await side.getByRole('button', { name: 'More about France' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  assert.deepEqual(await titles(), [story]);
  await page.getByRole('button', { name: 'Undo' }).click();
  assert.deepEqual(await titles(), [story, 'France']);
  await side.getByRole('button', { name: 'More about France' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await reload(page);
  assert.deepEqual(await titles(), [story]);

  await importFile(page, json);
  await page.locator('#toast', { hasText: '1 of 2 conversations were added; the others were there.' }).waitFor();
  assert.deepEqual(await titles(), [story, 'France']);
  await importFile(page, Buffer.from('{}'));
  await page.locator('#toast', { hasText: 'That JSON has no conversations of this page in it.' }).waitFor();
  assert.deepEqual(problems, []);
  await page.context().close();
});

/** The tokens of the last prompt, and how many of them were known from before. */
async function promptTokens(page: Page): Promise<{ prompt: number; known: number }> {
  const stats = (await page.locator('#counts').textContent()) ?? '';
  const [, prompt = '', , known = '0'] = /Prompt(\d+) tokens(, (\d+) of them known from before)?/.exec(stats) ?? [];
  return { prompt: Number(prompt), known: Number(known) };
}

// The files of the only state that is kept, once it was kept after that time.
const keptState = (since: number): string => `(async () => {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    try {
      const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('wasm-chord-page');
      for await (const entry of folder.values()) {
        const file = async (name) => (await entry.getFileHandle(name)).getFile();
        const { time, files } = JSON.parse(await (await file('session.json')).text());
        if (time > ${since}) return { entry, files };
      }
    } catch {}
  }
})()`;

test('after a reload the conversation is not read anew, unless what was kept of it is of no use', async () => {
  const { page, problems } = await stage.visitIsolated();
  const opposite = 'What is the opposite of hot?';
  await startTiny(page);
  await ask(page, question);
  await answers(page, 1);
  let asked = Date.now();
  await ask(page, opposite);
  const [, cold] = await answers(page, 2);
  const full = await promptTokens(page);
  await inPage(page, `${keptState(asked)}.then(() => undefined)`);

  await reload(page);
  asked = Date.now();
  await ask(page, question);
  assert.deepEqual(await answers(page, 3), [expected, cold, expected]);
  const { prompt, known } = await promptTokens(page);
  assert.ok(known >= full.prompt && prompt - known < 30, `${known} of ${prompt} tokens were known`);

  const damage = `async ({ entry, files: [name] }) => {
    const writer = await (await entry.getFileHandle(name)).createWritable({ keepExistingData: true });
    await writer.write({ type: 'write', position: 1000, data: 'damaged' });
    await writer.close();
  }`;
  await inPage(page, `${keptState(asked)}.then(${damage})`);
  await reload(page);
  asked = Date.now();
  await ask(page, opposite);
  assert.deepEqual(await answers(page, 4), [expected, cold, expected, cold]);
  assert.equal((await promptTokens(page)).known, 0);
  await inPage(page, `${keptState(asked)}.then(() => undefined)`);

  // With the conversation it goes.
  await page.getByRole('button', { name: `More about ${question}` }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await inPage(
    page,
    `(async () => {
      const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('wasm-chord-page');
      while (!(await folder.keys().next()).done) await new Promise((resolve) => setTimeout(resolve, 20));
    })()`,
  );
  assert.deepEqual(problems, []);
  await page.context().close();
});

const markdown = `# Title

A **bold** [link](https://example.com/) and a [bad one](javascript:alert(1)), &lt;b&gt;.

\`\`\`js
const answer = 42; // <script>
\`\`\`

| a | b |
|---|--:|
| 1 | 2 |

1. one
2. two

<img src=x onerror="window.wasHacked = true"> ![pixel](https://example.com/pixel.png)

<script>window.wasHacked = true</script>
`;

test('a browser that keeps nothing: the page says so, and goes on', async () => {
  const { page, problems } = await stage.visitIsolated();
  await page.addInitScript(`indexedDB.open = () => { throw new DOMException('no', 'SecurityError'); }`);
  await reload(page);
  await page.locator('#toast', { hasText: 'conversations last as long as this page is open' }).waitFor();
  await ask(page, question);
  assert.deepEqual(await answers(page, 1), [expected]);
  assert.equal(await page.getByRole('navigation').getByRole('button', { name: question, exact: true }).count(), 1);
  assert.deepEqual(problems, []);
  await page.context().close();
});

test('Markdown is shown, code is coloured, and nothing of it is run or fetched', async () => {
  const { page, problems } = await stage.visitIsolated();
  const foreign: string[] = [];
  page.on('request', (request) => {
    if (request.url().includes('example.com')) foreign.push(request.url());
  });
  await importFile(page, conversationWith(markdown));
  await page.getByRole('navigation').getByRole('button', { name: 'Show me', exact: true }).click();
  const text = page.locator('.turn.model .text');
  await text.locator('.hljs-keyword').waitFor();
  assert.equal(await text.locator('.code code').textContent(), 'const answer = 42; // <script>');
  assert.equal(await text.getByRole('heading', { level: 4 }).textContent(), 'Title');
  assert.equal(await text.locator('strong').textContent(), 'bold');
  assert.equal(await text.getByRole('link', { name: 'link' }).getAttribute('rel'), 'noopener noreferrer');
  assert.equal(await text.getByRole('link', { name: 'bad one' }).count(), 0);
  assert.match((await text.textContent()) ?? '', /bad one, <b>\./);
  assert.deepEqual(await text.locator('td').allTextContents(), ['1', '2']);
  assert.deepEqual(await text.locator('ol > li').allTextContents(), ['one', 'two']);
  assert.equal(await text.locator('img, script').count(), 0);
  assert.match((await text.textContent()) ?? '', /<script>window/);
  assert.equal(await inPage(page, 'window.wasHacked'), undefined);
  const write = `(() => { try { document.getElementById('blank').innerHTML = '<b></b>'; } catch { return 'refused'; } })()`;
  assert.equal(await inPage(page, write), 'refused');
  assert.deepEqual(foreign, []);

  // Thoughts of an earlier answer are folded.
  assert.equal(await page.locator('.thoughts summary').innerText(), 'Thought for 2 s');
  assert.equal(await page.locator('.thought').isVisible(), false);
  // What was tried just now is all that the browser had to say.
  assert.equal(problems.length, 1);
  assert.match(problems[0] ?? '', /TrustedHTML/);
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

test('what the model thinks is shown apart, and a model that knows no tools goes on without them', async () => {
  const { page, problems } = await stage.visitIsolated();
  const name = 'thinking.gguf';
  await openModels(page);
  await page.locator('#file').setInputFiles({ name, mimeType: 'application/octet-stream', buffer: thinkingModel() });
  await untilReady(page);
  await page.getByRole('button', { name: 'Tools', exact: true }).click();
  await ask(page, story);
  const problem = page.getByRole('alert');
  await problem.getByRole('heading', { name: 'This model knows no tools' }).waitFor();
  await problem.getByRole('button', { name: 'Go on without tools' }).click();
  await page.locator('.turn.model:not([aria-busy])').waitFor();
  const thoughts = page.locator('.thoughts');
  assert.match(await thoughts.locator('summary').innerText(), /^Thought for \d+ s$/);
  assert.equal(await page.locator('.thought').isVisible(), false);
  await thoughts.locator('summary').click();
  assert.match(await page.locator('.thought').innerText(), /\w{4}/);
  assert.equal(await page.locator('.turn.model .text').count(), 0);
  assert.deepEqual(problems, []);
  await page.context().close();
});

test('tools: the page runs what it can, asks for the rest, and the model answers with what came of it', async () => {
  const { page, problems } = await stage.visitIsolated();
  await page.getByRole('button', { name: 'Lab' }).click();
  await page.getByRole('button', { name: 'What is 48 + 37?' }).click();
  assert.deepEqual(await answers(page, 1), ['48 + 37 = 85.']);
  assert.match(await page.locator('.call summary').innerText(), /add_numbers\s*\{"expression": "48 \+ 37"\}\s*→\s*85/);

  await ask(page, 'What is the weather in Rome?');
  await page
    .getByRole('textbox', { name: 'What does get_weather give back?' })
    .fill('{"weather": "rainy", "degrees": 9}');
  await page.getByRole('button', { name: 'Give it back' }).click();
  assert.equal((await answers(page, 2))[1], 'It is rainy in Rome, with 9 degrees.');

  await page.getByRole('button', { name: 'Show the prompt' }).click();
  await page.locator('#prompt-count', { hasText: /^\d+ tokens$/ }).waitFor();
  assert.match(await page.locator('#prompt-text').innerText(), /<tool_response>\s*85\s*<\/tool_response>/);

  // One of the user's own, that the model is told of.
  await page.getByText('A function of your own').click();
  await page.getByRole('textbox', { name: 'Name' }).fill('get_time');
  await page.getByRole('button', { name: 'Add it' }).click();
  await page.getByRole('alert').getByText('There is a function get_time already.').waitFor();
  await page.getByRole('textbox', { name: 'Name' }).fill('find_map');
  await page.getByRole('button', { name: 'Add it' }).click();
  await page.getByRole('navigation').getByRole('button', { name: 'New chat' }).click();
  await ask(page, 'Find me a map of Rome.');
  await page.getByRole('button', { name: 'Give it back' }).click();
  assert.match((await answers(page, 1))[0] ?? '', /rome\.png/);
  assert.deepEqual(problems, []);
  await page.context().close();
});

test('structured answers: JSON, what follows a schema, and what follows a grammar', async () => {
  const { page, problems } = await stage.visitIsolated();
  const json = async (): Promise<unknown> =>
    JSON.parse((await page.locator('.turn.model .code code').textContent()) ?? '');
  await page.getByRole('button', { name: 'Lab' }).click();
  await page.getByRole('button', { name: 'Write JSON for a red fox' }).last().click();
  await answers(page, 1);
  assert.deepEqual(await json(), { name: 'Tom', kind: 'fox', color: 'red', home: 'forest' });
  assert.match((await page.locator('.turn.model .meta').textContent()) ?? '', /· valid JSON$/);

  await page.getByRole('button', { name: 'Write JSON for a fox named Tom who is 5 years old.' }).click();
  await page.locator('.turn.model .meta', { hasText: 'valid JSON, held to the schema' }).waitFor();
  assert.match(JSON.stringify(await json()), /^\{"name":"[^"]*","kind":"fox","age":\d+,"friends":\[.*\]\}$/);
  await reload(page);
  await page.locator('.turn.model .hljs-attr').first().waitFor();

  await page.getByRole('button', { name: 'Lab' }).click();
  await page.getByRole('textbox', { name: 'Schema' }).fill('{');
  await page.getByRole('alert').getByText('The schema is no JSON').waitFor();
  await page.getByRole('textbox', { name: 'Schema' }).fill('{"type": "object", "nonsense": 1}');
  await ask(page, question);
  await page.getByRole('alert').getByRole('heading', { name: 'Answers cannot be held to this form' }).waitFor();

  await page.getByRole('button', { name: 'What color is the sky?' }).click();
  await page.locator('.turn.model .meta', { hasText: 'held to the grammar' }).waitFor();
  assert.deepEqual(await answers(page, 1), ['The sky is blue.']);
  assert.deepEqual(problems, []);
  await page.context().close();
});

const axe = readFileSync('node_modules/axe-core/axe.min.js', 'utf8');

/** What axe finds that is serious. */
async function barriers(page: Page): Promise<unknown> {
  return inPage(
    page,
    `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => id + ': ' + nodes.slice(0, 3).map(({ html }) => html.slice(0, 120)).join(' | ')))`,
  );
}

test('no barriers that axe would call serious, in light and dark', async () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    const { page, problems } = await stage.visitIsolated({ colorScheme, reducedMotion: 'reduce' });
    await page.evaluate(axe);
    assert.deepEqual(await barriers(page), [], `${colorScheme}, empty`);
    await importFile(page, conversationWith(markdown));
    await page.getByRole('navigation').getByRole('button', { name: 'Show me', exact: true }).click();
    await page.locator('.hljs-keyword').waitFor();
    await ask(page, question);
    await answers(page, 2);
    await page.getByRole('button', { name: 'Stats' }).click();
    assert.deepEqual(await barriers(page), [], `${colorScheme}, a conversation and the stats`);
    await page.getByRole('tab', { name: 'Lab' }).click();
    await openModels(page);
    assert.deepEqual(await barriers(page), [], `${colorScheme}, the lab and the models`);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Settings' }).click();
    assert.deepEqual(await barriers(page), [], `${colorScheme}, the settings`);
    assert.deepEqual(problems, []);
    await page.context().close();
  }
});
