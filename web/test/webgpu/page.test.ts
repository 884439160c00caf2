// test-webgpu.html, in headless Chromium on SwiftShader.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serve } from '../../tools/serve.mjs';
import { launch } from './chromium.js';

interface Verdict {
  passed: boolean;
  adapter: { architecture?: string };
  checks: { name: string; ok: boolean; detail: string }[];
  figures: Record<string, number>;
}

function isVerdict(value: unknown): value is Verdict {
  return typeof value === 'object' && value !== null && 'passed' in value && 'checks' in value && 'adapter' in value;
}

test('test-webgpu.html passes on SwiftShader', async (t) => {
  const browser = await launch();
  const { server, origin } = await serve();
  try {
    const page = await browser.newPage();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    await page.goto(`${origin}/web/pages/test-webgpu.html?software`);
    await page.waitForFunction('window.__verdict !== undefined', undefined, { timeout: 200_000 });
    const verdict: unknown = await page.evaluate('window.__verdict');
    assert.ok(isVerdict(verdict));
    assert.match(verdict.adapter.architecture ?? '', /swiftshader/i);
    const failed = verdict.checks.filter(({ ok }) => !ok);
    assert.ok(verdict.passed && failed.length === 0, JSON.stringify(failed, undefined, 1));
    assert.equal(verdict.checks.length, 8);
    assert.deepEqual(problems, []);
    t.diagnostic(JSON.stringify(verdict.figures));
  } finally {
    await browser.close();
    server.closeAllConnections();
    server.close();
  }
});
