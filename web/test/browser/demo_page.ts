// What the tests of the page in demo/ have in common.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { serve } from '../../tools/serve.mjs';
import { launchChromium, watchedPage } from './chromium.js';

export const root = 'demo/dist/';
export const modelFile = '../models/chord-tiny/chord-tiny-q8_0.gguf';
export const question = 'What is the capital of France?';
export const expected = 'The capital of France is Paris.';
export const story = 'Tell me a story about a cat and a boat.';

/** Headless Chromium, and hosts of the page; `close` ends them all. */
export class Stage {
  readonly servers = new Set<Server>();
  #browser: Browser | undefined;

  async open(): Promise<void> {
    this.#browser = await launchChromium();
  }

  async close(): Promise<void> {
    await this.#browser?.close();
    for (const server of this.servers) this.closeServer(server);
  }

  closeServer(server: Server): void {
    server.closeAllConnections();
    server.close();
    this.servers.delete(server);
  }

  /** The page on a host of its own: nothing is kept from another test. */
  async host(isolated = false): Promise<{ origin: string; server: Server }> {
    const hosted = await serve({ root, isolated });
    this.servers.add(hosted.server);
    return hosted;
  }

  /** A host of models, from which any page may load. */
  async modelHost(answer: RequestListener): Promise<string> {
    const server = createServer((request, response) => {
      response.setHeader('access-control-allow-origin', '*');
      response.setHeader('access-control-allow-headers', '*');
      if (request.method === 'OPTIONS') response.writeHead(204).end();
      else answer(request, response);
    });
    this.servers.add(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    assert.ok(typeof address === 'object' && address !== null);
    return `http://127.0.0.1:${address.port}`;
  }

  /** A visit with greedy answers, of which each is the same. Errors about URLs with `noise` in them are no surprise. */
  async visit(
    url: string,
    options: BrowserContextOptions = {},
    noise = 'no-such-model',
  ): Promise<{ page: Page; problems: string[] }> {
    assert.ok(this.#browser);
    const context = await this.#browser.newContext(options);
    const settings = JSON.stringify({ temperature: '0' });
    await context.addInitScript(`localStorage.getItem('wasm-chord page: settings') ??
      localStorage.setItem('wasm-chord page: settings', ${JSON.stringify(settings)})`);
    const opened = await watchedPage(context, noise);
    await opened.page.goto(url);
    return opened;
  }

  /** A visit to a host that isolates the page, without the service worker: the quickest. */
  async visitIsolated(options: BrowserContextOptions = {}): Promise<{ page: Page; problems: string[] }> {
    const { origin } = await this.host(true);
    const opened = await this.visit(`${origin}/?service-worker=off`, options);
    await opened.page.locator('#app:not([inert])').waitFor();
    return opened;
  }
}

export const inPage = (page: Page, expression: string): Promise<unknown> => page.evaluate(expression);

/** The host sends no headers, so the page reloads once, with those of its service worker. */
export async function untilIsolated(page: Page): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if ((await inPage(page, 'crossOriginIsolated').catch(() => false)) === true) {
      // Now its script runs, too.
      await page.locator('#app:not([inert])').waitFor();
      return;
    }
    await page.waitForTimeout(100);
  }
  assert.fail('the page was not isolated within ten seconds');
}

/** Until what was kept is shown, too. */
export async function reload(page: Page): Promise<void> {
  await page.reload();
  await page.locator('#app:not([inert])').waitFor();
}

export async function startTiny(page: Page): Promise<void> {
  await page.locator('#start-tiny').click();
  await untilReady(page);
}

export async function untilReady(page: Page): Promise<void> {
  await page.locator('#model-place:not(:empty)').waitFor({ state: 'attached' });
}

export async function ask(page: Page, text: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Your message' }).fill(text);
  await page.keyboard.press('Enter');
}

/** What an empty conversation offers to ask. */
export function suggestion(page: Page, text: string): Locator {
  return page.getByRole('list', { name: 'Things to ask' }).getByRole('button', { name: text });
}

/** The texts of the model's turns, once the last of so many is complete. */
export async function answers(page: Page, count: number): Promise<string[]> {
  await page
    .locator('.turn.model:not([aria-busy])')
    .nth(count - 1)
    .waitFor();
  const turns = await page.locator('.turn.model').all();
  return Promise.all(turns.map(async (turn) => (await turn.locator('.text').allTextContents()).join('')));
}

/** Adds what was exported. */
export function importFile(page: Page, buffer: Buffer): Promise<void> {
  return page.locator('#import-file').setInputFiles({ name: 'all.json', mimeType: 'application/json', buffer });
}

/** A conversation whose answer is the text. */
export function conversationWith(text: string): Buffer {
  const place = { time: 1 };
  const turns = [
    { id: 0, parent: -1, role: 'user', text: 'Show me', ...place },
    {
      id: 1,
      parent: 0,
      role: 'model',
      model: 'tiny',
      ending: 'stop',
      steps: [{ reasoning: 'Hm.', reasoningMs: 1500, text, calls: [] }],
      ...place,
    },
  ];
  const conversation = { id: 'one', title: 'Show me', created: 1, updated: 1, head: 1, turns };
  return Buffer.from(JSON.stringify({ format: 'wasm-chord conversations', version: 1, conversations: [conversation] }));
}

/** Opens the sheet of models. */
export async function openModels(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Change the model' }).click();
}

/** Shows what the model takes, for the model at the address. */
export async function lookAt(page: Page, address: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Address of the model' }).fill(address);
  await page.keyboard.press('Enter');
}

export const width = (page: Page): Promise<unknown> => inPage(page, 'document.documentElement.scrollWidth');
export const focused = (page: Page): Promise<unknown> => inPage(page, 'document.activeElement.id');
