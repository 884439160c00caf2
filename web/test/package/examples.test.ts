// The projects in examples/, each installed afresh with the tarball and asked its question.
import assert from 'node:assert/strict';
import { cpSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { serve } from '../../tools/serve.mjs';
import { launchChromium, watchedPage } from '../browser/chromium.js';
import { Project, answer, bun, deno, model, node20, policy, vite } from './project.js';

const folder = resolve('../examples');
const projects: Project[] = [];
let browser: Browser;

before(async () => {
  browser = await launchChromium();
});
after(async () => {
  await browser.close();
  for (const project of projects) project.remove();
});

/** A copy of an example, installed. Its tools for development are those of tools/consumers. */
async function install(name: string): Promise<Project> {
  const files: Record<string, string> = {};
  for (const file of readdirSync(join(folder, name))) files[file] = readFileSync(join(folder, name, file), 'utf8');
  const manifest = files['package.json'] ?? '';
  assert.match(manifest, /"wasm-chord": "\^/);
  files['package.json'] = manifest.replace(/,\s*"devDependencies": {[^}]*}/, '');
  const project = await Project.install(files);
  projects.push(project);
  return project;
}

/** Asks what the form of a page has in it. */
async function ask(origin: string): Promise<void> {
  const { page, problems } = await watchedPage(browser, 'no-such-file');
  await page.goto(origin, { waitUntil: 'commit' });
  const button = page.locator('button:not([disabled])');
  await button.click({ timeout: 100_000 }).catch(async () => problems.push(await page.innerText('body')));
  const shown = page.locator('#answer', { hasText: answer }).waitFor({ timeout: 60_000 });
  await shown.catch(async () => problems.push(await page.innerText('body')));
  assert.deepEqual(problems, []);
  await page.close();
}

async function askServed(
  project: Project,
  root: string,
  options: { isolated?: boolean; headers?: Record<string, string> },
): Promise<void> {
  cpSync(model, join(project.folder, root, 'model.gguf'));
  const { server, origin } = await serve({ root: join(project.folder, root), ...options });
  try {
    await ask(`${origin}/`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test('node, and the same in Bun and Deno', async () => {
  const project = await install('node');
  const runs = [
    [node20, 'index.js', model],
    [bun, 'index.js', model],
    [deno, 'run', '--no-remote', '--allow-read', '--allow-sys', 'index.js', model],
  ] as const;
  for (const [program, ...args] of runs) {
    const { stdout } = await project.run(program, ...args);
    assert.match(stdout, new RegExp(`^${answer}\n\\d+ tokens/s on \\d+ threads\n$`), program);
  }
});

test('page', async () => {
  const project = await install('page');
  await askServed(project, '.', {});
});

test('worker', async () => {
  const project = await install('worker');
  await askServed(project, '.', { isolated: true });
});

test('vite, built and in development', async () => {
  const project = await install('vite');

  await project.run(node20, vite, 'build', '--logLevel', 'warn');
  await askServed(project, 'dist', { isolated: true, headers: { 'content-security-policy': policy } });
  cpSync(model, join(project.folder, 'public/model.gguf'));
  const { origin, end } = await project.start(node20, vite, '--host', '127.0.0.1', '--port', '0');
  try {
    await ask(origin);
  } finally {
    end();
  }
});
