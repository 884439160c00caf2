// The installed package in Node, as ESM and CommonJS, in Bun and in Deno.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { flakyServer } from '../flaky_server.js';
import { Project, answer, asks, bun, deno, model, node20, node26, question } from './project.js';

let project: Project;

const body = `${asks('process.argv[2]')} console.log(text);`;

before(async () => {
  project = await Project.install({
    'esm.mjs': `import init, { WasmModel, format_chat, load } from 'wasm-chord'; ${body}`,
    'cpu.mjs': `import init, { WasmModel, format_chat, load } from 'wasm-chord/cpu'; ${body}`,
    'webgpu.mjs': `import init, { WasmModel, format_chat, load } from 'wasm-chord/webgpu'; ${body}`,
    'bench.mjs': `
      import { bench, toTable } from 'wasm-chord/bench';
      const options = { file: 'tiny', promptTokens: [8], generatedTokens: 3, runs: 1 };
      console.log(toTable(await bench(process.argv[2], options)));`,
    'cached.mjs': `
      import { cache, load } from 'wasm-chord';
      const [url, cacheFolder] = process.argv.slice(2);
      const text = await load(url, { cacheFolder, retries: 0, connections: 1 })
        .then((engine) => engine.generate([{ role: 'user', content: '${question}' }], { temperature: 0 }).text())
        .catch(({ code }) => code);
      const entries = (await cache.list(cacheFolder)).map(({ key, complete, stored }) => [key === url, complete, stored]);
      console.log(JSON.stringify([text, ...entries]));
      if (text === '${answer}' && process.argv[4]) console.log(await cache.delete(url, cacheFolder), await cache.size(cacheFolder));
      process.exit();`,
    'all.cjs': `
      (async () => {
        for (const entry of ['wasm-chord', 'wasm-chord/cpu', 'wasm-chord/webgpu']) {
          const { default: init, WasmModel, format_chat, load } = require(entry);
          ${body}
        }
        console.log(typeof require('wasm-chord/bench').bench);
      })();`,
  });
});
after(() => {
  project.remove();
});

for (const [name, node] of [
  ['Node 20', node20],
  ['Node 26', node26],
] as const) {
  test(`${name}: ESM, every entry`, async () => {
    for (const entry of ['esm', 'cpu', 'webgpu']) {
      assert.deepEqual(await project.run(node, `${entry}.mjs`, model), { stdout: `${answer}\n`, stderr: '' }, entry);
    }
    assert.match((await project.run(node, 'bench.mjs', model)).stdout, /tok\/s/);
  });

  test(`${name}: CommonJS, every entry`, async () => {
    const { stdout, stderr } = await project.run(node, 'all.cjs', model);
    assert.deepEqual({ stdout, stderr }, { stdout: `${answer}\n`.repeat(3) + 'function\n', stderr: '' });
  });
}

test('importing has no side effects', async () => {
  project.write(
    'still.mjs',
    `const before = Object.keys(globalThis).length;
     const fetches = []; globalThis.fetch = (url) => fetches.push(url);
     const { WasmModel } = await import('wasm-chord');
     console.log(typeof WasmModel, Object.keys(globalThis).length - before, fetches.length);`,
  );
  assert.equal((await project.run(node26, 'still.mjs')).stdout, 'function 0 0\n');
});

test('the program wasm-chord', async () => {
  const args = ['run', model, question, '--temperature', '0'];
  assert.equal((await project.run('node_modules/.bin/wasm-chord', ...args)).stdout.trim(), answer);
});

test('Bun: ESM and CommonJS', async () => {
  assert.equal((await project.run(bun, 'esm.mjs', model)).stdout, `${answer}\n`);
  assert.equal((await project.run(bun, 'all.cjs', model)).stdout, `${answer}\n`.repeat(3) + 'function\n');
});

test('Deno', async () => {
  // Reading files, and how many processors there are, are what it needs to be allowed.
  const { stdout } = await project.run(deno, 'run', '--no-remote', '--allow-read', '--allow-sys', 'esm.mjs', model);
  assert.equal(stdout, `${answer}\n`);
});

const allowed = ['--no-remote', '--allow-read', '--allow-write', '--allow-sys', '--allow-net', '--allow-env'];

for (const [name, command, ...args] of [
  ['Bun', bun],
  ['Deno', deno, 'run', ...allowed],
] as const) {
  test(`${name}: a download that breaks is gone on with, kept, used again and forgotten`, async () => {
    const bytes = new Uint8Array(readFileSync(model));
    const server = await flakyServer(bytes);
    const url = `${server.origin}/tiny.gguf`;
    const load = async (...more: string[]): Promise<string> => {
      server.requests.length = 0;
      const folder = join(project.folder, `cache of ${name}`);
      return (await project.run(command, ...args, 'cached.mjs', url, folder, ...more)).stdout;
    };
    try {
      server.answer = () => ({ cutAfter: 3_000_000 });
      const broken = /^\["network",\[true,false,(\d+)\]\]\n$/.exec(await load());
      const stored = Number(broken?.[1]);
      assert.ok(stored > 1_000_000 && stored <= 3_000_000, String(stored));
      server.answer = () => ({});
      const whole = `${JSON.stringify([answer, [true, true, bytes.length]])}\n`;
      assert.equal(await load(), whole);
      assert.deepEqual(server.requests, [`GET /tiny.gguf bytes=${stored}-`]);
      assert.equal(await load('delete'), `${whole}true 0\n`);
      assert.deepEqual(server.requests, []);
    } finally {
      server.close();
    }
  });
}
