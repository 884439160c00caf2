// The installed package in a page that webpack bundled, with both ways to an answer. In headless Chromium, from a
// server of that page's folder only, under a strict policy. Vite, and a page without a bundler, are among the examples.
import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { serve } from '../../tools/serve.mjs';
import { launchChromium, watchedPage } from '../browser/chromium.js';
import { Project, answer, asks, consumers, model, node20, policy } from './project.js';

const shows = `${asks("new URL('/model.gguf', location.href).href")} document.body.append(text, crossOriginIsolated);`;

let browser: Browser;
let project: Project;

before(async () => {
  browser = await launchChromium();
  project = await Project.install({
    'main.js': `import init, { WasmModel, format_chat, load } from 'wasm-chord'; (async () => { ${shows} })();`,
    'webpack.cjs': `
      const webpack = require(${JSON.stringify(join(consumers, 'webpack'))});
      const output = { path: __dirname + '/dist' };
      // It warns of files above 244 KiB; what is too large here is for ./dev size to say.
      const performance = { hints: false };
      const config = { mode: 'production', context: __dirname, entry: './main.js', output, performance };
      webpack(config, (error, stats) => {
        console.log(error ?? stats.toString({ colors: false }));
        process.exitCode = error || stats.hasErrors() || stats.hasWarnings() ? 1 : 0;
      });`,
    'dist/index.html': '<!doctype html><link rel="icon" href="data:," /><body><script src="main.js"></script></body>',
  });
  await project.run(node20, 'webpack.cjs');
  cpSync(model, join(project.folder, 'dist/model.gguf'));
});
after(async () => {
  await browser.close();
  project.remove();
});

for (const isolated of [false, true]) {
  test(`webpack, ${isolated ? 'with' : 'without'} threads`, async () => {
    const requests: string[] = [];
    const { server, origin } = await serve({
      root: join(project.folder, 'dist'),
      isolated,
      headers: { 'content-security-policy': policy },
      onRequest: (_, path) => requests.push(path),
    });
    try {
      const { page, problems } = await watchedPage(browser, 'no-such-file');
      await page.goto(origin);
      const shown = page.locator('body', { hasText: `${answer}${String(isolated)}` }).waitFor({ timeout: 60_000 });
      await shown.catch(() => problems.push('there is no answer'));
      assert.deepEqual(problems, []);
      // The control module, the kernels of one variant, and the model.
      const assets = requests.filter((path) => /\.(wasm|gguf)$/.test(path));
      assert.equal(new Set(assets).size, 3, assets.join(' '));
      await page.close();
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
}
