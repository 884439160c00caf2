// The installed package in pages: as Vite and webpack bundle it, and without a bundler by an import map. In headless
// Chromium, each from a server of its own folder only.
import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';
import { serve } from '../../tools/serve.mjs';
import { Project, answer, asks, model, node20 } from './project.js';

const consumers = resolve('../tools/consumers/node_modules');
const html = (head: string): string => `<!doctype html><title>test</title><link rel="icon" href="data:," />${head}`;
const shows = `${asks("new URL('/model.gguf', location.href).href")} document.title = text;`;
const main = `import init, { WasmModel, format_chat } from 'wasm-chord'; (async () => { ${shows} })();`;

let browser: Browser;
let project: Project;

before(async () => {
  const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-background-networking'] });
  project = await Project.install({
    'main.js': main,
    'index.html': html('<script type="module" src="./main.js"></script>'),
    'vite.config.js': `export default { build: { target: 'es2022' } };`,
    'webpack.cjs': `
      const webpack = require(${JSON.stringify(join(consumers, 'webpack'))});
      const config = { mode: 'production', context: __dirname, entry: './main.js', output: { path: __dirname + '/webpack' } };
      webpack(config, (error, stats) => {
        console.log(error ?? stats.toString({ colors: false }));
        process.exitCode = error || stats.hasErrors() || stats.hasWarnings() ? 1 : 0;
      });`,
    'webpack/index.html': html('<script src="./main.js"></script>'),
    'page.html': html(`
      <script type="importmap">
        { "imports": { "wasm-chord": "/node_modules/wasm-chord/dist/web-webgpu/index.js" } }
      </script>
      <script type="module" src="./main.js"></script>`),
  });
});
after(async () => {
  await browser.close();
  project.remove();
});

/** The title that a page below `folder` comes to, without and with threads, and what it asked for. */
async function open(folder: string, path = '/'): Promise<void> {
  const root = join(project.folder, folder);
  cpSync(model, join(root, 'model.gguf'));
  for (const isolated of [false, true]) {
    const requests: string[] = [];
    const { server, origin } = await serve({ root, isolated, onRequest: (_, path) => requests.push(path) });
    const page = await browser.newPage();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
    });
    await page.goto(origin + path);
    await page.waitForFunction('document.title !== "test"', undefined, { timeout: 60_000 }).catch(() => undefined);
    assert.deepEqual(problems, []);
    assert.equal(await page.title(), answer);
    assert.equal(await page.evaluate('crossOriginIsolated'), isolated);
    // The control module, the kernels of one variant, and the model.
    const assets = requests.filter((path) => /\.(wasm|gguf)$/.test(path));
    assert.equal(new Set(assets).size, 3, assets.join(' '));
    await page.close();
    server.closeAllConnections();
    server.close();
  }
}

test('Vite', async () => {
  await project.run(node20, join(consumers, 'vite/bin/vite.js'), 'build', '--logLevel', 'warn');
  await open('dist');
});

test('webpack', async () => {
  await project.run(node20, 'webpack.cjs');
  await open('webpack');
});

test('an import map, without a bundler', async () => {
  await open('.', '/page.html');
});
