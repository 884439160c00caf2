// Every snippet of the documents runs, and prints what the document says: those in js in Node, those marked as for the
// browser and the pages in headless Chromium.
import assert from 'node:assert/strict';
import { cpSync, existsSync, readFileSync, readdirSync } from 'node:fs';
import type { Server } from 'node:http';
import { dirname, join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { serve } from '../../tools/serve.mjs';
import { launchChromium } from '../browser/chromium.js';
import { Project, answer, model, node26, run } from './project.js';

const root = resolve('..');
// api.md is made from declarations; loading.md and server.md, whose snippets are about servers, and embeddings.md, whose
// are about another model, have tests of their own.
const elsewhere = ['api.md', 'embeddings.md', 'loading.md', 'server.md'];
const written = readdirSync(join(root, 'docs')).filter((name) => !elsewhere.includes(name));
const documents = ['README.md', ...written.map((name) => `docs/${name}`)];

interface Snippet {
  readonly name: string;
  readonly kind: 'node' | 'browser' | 'page';
  readonly code: string;
}

const kinds = new Map([
  ['js', 'node'],
  ['js browser', 'browser'],
  ['html', 'page'],
] as const);

function isKind(info: string): info is 'js' | 'js browser' | 'html' {
  return info === 'js' || info === 'js browser' || info === 'html';
}

/** The snippets of a document, named by its file and their line. */
function snippetsOf(document: string): Snippet[] {
  const text = readFileSync(join(root, document), 'utf8');
  const blocks = text.matchAll(/^```(.+)\n([^]*?)^```$/gm);
  return [...blocks].flatMap(({ 1: info = '', 2: code = '', index }) => {
    assert.ok(isKind(info) || !/^(js|ts|html|javascript|typescript)/.test(info), `${document}: no test runs '${info}'`);
    const kind = isKind(info) ? kinds.get(info) : undefined;
    return kind ? [{ name: `${document}:${text.slice(0, index).split('\n').length}`, kind, code }] : [];
  });
}

const snippets = documents.flatMap(snippetsOf);
const ofKind = (kind: Snippet['kind']): Snippet[] => snippets.filter((snippet) => snippet.kind === kind);

/** What the comments behind console.log() say. */
function promised(code: string): string[] {
  return [...code.matchAll(/console\.log\(.*\).*; \/\/ (.+)$/gm)].map(([, text = '']) => text);
}

/** A whole module: a snippet may take `engine`, `load` and the others as given. */
function moduleOf({ code }: Snippet, packageName: string): string {
  const needsEngine = /\bengine\b/.test(code) && !/\bengine =/.test(code);
  const needsLoad = (needsEngine || /\bload\(/.test(code)) && !/import .*\bload\b/.test(code);
  return [
    needsLoad ? `import { load } from '${packageName}';` : '',
    needsEngine ? `const engine = await load('model.gguf');` : '',
    code,
  ].join('\n');
}

let project: Project;
let browser: Browser;
let server: Server;
let origin = '';

before(async () => {
  project = await Project.install({});
  cpSync(model, join(project.folder, 'model.gguf'));
  ({ server, origin } = await serve({ root: project.folder, isolated: true }));
  browser = await launchChromium();
});
after(async () => {
  await browser.close();
  server.closeAllConnections();
  server.close();
  project.remove();
});

/** Checks that the lines of `output` have what a snippet promises, in order. */
function check({ code }: Snippet, output: string): void {
  let from = 0;
  for (const text of promised(code)) {
    const found = output.indexOf(text, from);
    assert.ok(found >= 0, `it says '${text}' and prints '${output}'`);
    from = found + text.length;
  }
}

test('there are snippets of each kind', () => {
  for (const kind of kinds.values()) assert.ok(ofKind(kind).length > 0, kind);
});

test('docs/api.md says what the docstrings say', async () => {
  await run(node26, [join(root, 'web/tools/api.mjs'), '--check'], root);
});

test('links between the documents lead somewhere', () => {
  for (const document of [...documents, 'CONTRIBUTING.md', 'examples/README.md']) {
    const text = readFileSync(join(root, document), 'utf8');
    for (const [, target = ''] of text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)) {
      assert.ok(existsSync(join(root, dirname(document), target)), `${document}: ${target}`);
    }
  }
});

for (const snippet of ofKind('node')) {
  test(snippet.name, async () => {
    project.write('snippet.mjs', moduleOf(snippet, 'wasm-chord'));
    const { stdout, stderr } = await project.run(node26, 'snippet.mjs');
    assert.equal(stderr, '');
    check(snippet, stdout);
  });
}

for (const snippet of ofKind('browser')) {
  test(snippet.name, async () => {
    const path = './node_modules/wasm-chord/dist/web-webgpu/index.js';
    project.write('snippet.js', `${moduleOf(snippet, path)}\nconsole.log('the end');`);
    project.write(
      'snippet.html',
      '<!doctype html><link rel="icon" href="data:," /><script type="module" src="snippet.js"></script>',
    );
    const page = await browser.newPage();
    const lines: string[] = [];
    page.on('console', (message) => lines.push(message.text()));
    page.on('pageerror', (error) => lines.push(error.message));
    const ended = page.waitForEvent('console', {
      predicate: (message) => message.text() === 'the end',
      timeout: 60_000,
    });
    await page.goto(`${origin}/snippet.html`);
    await ended.catch(() => assert.fail(lines.join('\n')));
    check(snippet, lines.join('\n'));
    await page.close();
  });
}

for (const snippet of ofKind('page')) {
  test(snippet.name, async () => {
    project.write('page.html', snippet.code);
    const page = await browser.newPage();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    await page.goto(`${origin}/page.html`);
    // A page with buttons is for somebody who presses them, in their order.
    for (const button of await page.locator('button').all()) await button.click();
    const shown = page.waitForFunction(`document.body.innerText.includes('${answer}')`, undefined, { timeout: 60_000 });
    await shown.catch(async () => problems.push(await page.innerText('body')));
    assert.deepEqual(problems, []);
    await page.close();
  });
}
