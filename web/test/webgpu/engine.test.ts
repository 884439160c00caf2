// load() on SwiftShader: in a worker of headless Chromium, and in Node.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { ChatMessage, Engine, EngineOptions } from '../../src/engine/types.js';
import { serve } from '../../tools/serve.mjs';
import { launch } from './chromium.js';

const model = '/models/chord-tiny/chord-tiny-q8_0.gguf';
const answer = 'The capital of France is Paris.';
interface Seen {
  text: string;
  worker: boolean;
  device: string;
  deviceReason: string;
  variant: string;
}

function isSeen(value: unknown): value is Seen {
  return typeof value === 'object' && value !== null && 'text' in value && 'device' in value;
}

test('in a page: on the GPU in a worker and in the thread, or on the CPU with the reason', async () => {
  const browser = await launch();
  const { server, origin } = await serve();
  try {
    const page = await browser.newPage();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    await page.goto(`${origin}/web/pages/engine.html`);
    for (const [options, worker, device, reason] of [
      ['{ softwareAdapter: true, contextLength: 64 }', true, 'webgpu', /a GPU was asked for/],
      ['{ softwareAdapter: true, contextLength: 64, worker: false }', false, 'webgpu', /a GPU was asked for/],
      ['{ contextLength: 64 }', true, 'cpu', /computes on the CPU/],
    ] as const) {
      const seen: unknown = await page.evaluate(`window.ask('/web/dist/web-webgpu/index.js', '${model}', ${options})`);
      assert.ok(isSeen(seen));
      assert.deepEqual([seen.text, seen.worker, seen.device], [answer, worker, device]);
      assert.match(seen.deviceReason, reason);
    }
    assert.deepEqual(problems, []);
  } finally {
    await browser.close();
    server.closeAllConnections();
    server.close();
  }
});

interface Package {
  load(source: string, options: EngineOptions): Promise<Engine>;
}

function isPackage(value: unknown): value is Package {
  return typeof value === 'object' && value !== null && 'load' in value;
}

test('in a worker of Node', async () => {
  const shipped: unknown = await import(pathToFileURL('dist/node-webgpu/index.js').href);
  assert.ok(isPackage(shipped));
  const options = { device: 'webgpu', softwareAdapter: true, contextLength: 64 } as const;
  const engine = await shipped.load(`..${model}`, options);
  const question = [{ role: 'user', content: 'What is the capital of France?' }] as const;
  assert.equal(await engine.generate(question, { temperature: 0 }).text(), answer);
  assert.deepEqual([engine.info.device, engine.info.worker, engine.info.variant], ['webgpu', true, 'webgpu']);
  const top = engine.generate('Once', { temperature: 0, maxTokens: 2, topLogprobs: 2 });
  for await (const { token, topLogprobs } of top) assert.equal(topLogprobs?.[0]?.token, token);
  // Rows that the GPU computed, kept to a schema.
  const schema = { type: 'object', properties: { n: { type: 'integer', maximum: 99 } }, required: ['n'] } as const;
  const responseFormat = { type: 'json_schema', schema: { ...schema, additionalProperties: false } } as const;
  const json: unknown = JSON.parse(
    await engine.generate('A number:', { responseFormat, maxTokens: 30, seed: 1 }).text(),
  );
  assert.ok(typeof json === 'object' && json !== null && 'n' in json && Number.isInteger(json.n), JSON.stringify(json));
  await engine.dispose();
});

test('a session that was saved on the GPU goes on there, and on the CPU', async () => {
  const shipped: unknown = await import(pathToFileURL('dist/node-webgpu/index.js').href);
  assert.ok(isPackage(shipped));
  const question: ChatMessage[] = [{ role: 'user', content: 'What is the capital of France?' }];
  const next: ChatMessage[] = [
    ...question,
    { role: 'assistant', content: answer },
    { role: 'user', content: 'What is 7 + 5?' },
  ];
  const greedy = { temperature: 0, maxTokens: 12 };
  const options = { softwareAdapter: true, contextLength: 64 } as const;
  const gpu = await shipped.load(`..${model}`, { ...options, device: 'webgpu' });
  const session = gpu.session();
  await session.generate(question, greedy).text();
  const saved = await session.save();
  const { text, usage } = await session.generate(next, greedy).result;
  const again = await (await gpu.loadSession(saved)).generate(next, greedy).result;
  assert.deepEqual([again.text, again.usage], [text, usage]);
  assert.ok(usage.reusedTokens > 16);
  const bytes = await session.save();
  await gpu.dispose();

  const cpu = await shipped.load(`..${model}`, { ...options, device: 'cpu' });
  const there = await (await cpu.loadSession(saved)).generate(next, greedy).result;
  assert.deepEqual([there.text, there.usage], [text, usage]);
  const longer = await cpu.loadSession(bytes);
  assert.deepEqual(await longer.save(), bytes, 'the same bytes on both');
  await cpu.dispose();
});
