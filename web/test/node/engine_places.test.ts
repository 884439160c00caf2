// Where an engine's file and its thread come from.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { openAsBlob } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { ChordError, load } from 'wasm-chord';
import type { DownloadProgress, EngineOptions, ModelSource } from 'wasm-chord';
import { serve } from '../../tools/serve.mjs';

const path = '../models/chord-tiny/chord-tiny-q8_0.gguf';
const question = [{ role: 'user', content: 'What is the capital of France?' }] as const;
const answer = 'The capital of France is Paris.';
const entry = (build: string): string => JSON.stringify(pathToFileURL(`dist/${build}/index.js`).href);

let bytes: Uint8Array<ArrayBuffer>;
let origin: string;
let close: () => void;
const requests: string[] = [];

before(async () => {
  bytes = new Uint8Array(await readFile(path));
  const served = await serve({
    onRequest: (method, file) => {
      requests.push(`${method ?? ''} ${file}`);
    },
  });
  origin = served.origin;
  close = () => {
    served.server.closeAllConnections();
    served.server.close();
  };
});
after(() => {
  close();
});

async function answers(source: ModelSource, options: EngineOptions = {}): Promise<void> {
  const engine = await load(source, options);
  assert.equal(await engine.generate(question, { temperature: 0 }).text(), answer);
  await engine.dispose();
}

for (const worker of [true, false]) {
  test(`every kind of source ${worker ? 'in a worker' : 'in this thread'}`, async () => {
    const url = `${origin}/models/chord-tiny/chord-tiny-q8_0.gguf`;
    const sources = [
      path,
      pathToFileURL(path),
      url,
      new URL(url),
      new Blob([bytes]),
      new File([bytes], 'model.gguf'),
      await openAsBlob(path),
      bytes,
      bytes.buffer,
      {
        size: bytes.length,
        read: (offset: number, length: number) => bytes.slice(offset, offset + Math.min(length, 9000)),
      },
    ];
    for (const source of sources) await answers(source, { worker, cache: false });
    assert.equal(bytes.length, bytes.buffer.byteLength);

    const progress: DownloadProgress[] = [];
    await answers(url, { worker, cache: false, onProgress: (now) => progress.push(now) });
    const last = progress.at(-1);
    assert.deepEqual([last?.file, last?.loaded, last?.total], ['chord-tiny-q8_0.gguf', bytes.length, bytes.length]);

    // A fetch of the caller's own is called in the caller's thread, and sees the headers.
    const seen: string[] = [];
    await answers('http://model.invalid/model.gguf', {
      worker,
      cache: false,
      headers: { authorization: 'Bearer abc' },
      fetch: (_, init) => {
        seen.push(new Headers(init.headers).get('authorization') ?? '');
        return fetch(url, init);
      },
    });
    assert.ok(seen.length > 0 && seen.every((header) => header === 'Bearer abc'));

    // Kept, and read from there; by a fetch of the caller's own, too.
    const cacheFolder = await mkdtemp(join(tmpdir(), 'wasm-chord-'));
    const kept: boolean[] = [];
    requests.length = 0;
    for (const own of [undefined, undefined, fetch]) {
      const onProgress = (now: DownloadProgress): number => kept.push(now.fromCache);
      await answers(url, { worker, cacheFolder, onProgress, fetch: own });
      kept.splice(0, kept.length - 1);
      if (own) assert.deepEqual(kept, [true]);
    }
    assert.equal(requests.filter((request) => request.startsWith('GET')).length, 1, requests.join());
    await rm(cacheFolder, { recursive: true });

    const mine = new TypeError('mine');
    const throwing = (): never => {
      throw mine;
    };
    await assert.rejects(load(path, { worker, onProgress: throwing }), (error) => error === mine);

    const failing = { size: bytes.length, read: () => Promise.reject(new Error('the disk')) };
    await assert.rejects(load(failing, { worker }), { code: 'io', message: /the disk/ });
    // @ts-expect-error as callers without TypeScript may
    await assert.rejects(load(7, { worker }), { code: 'invalid_argument', message: /a model is loaded from/ });
    await assert.rejects(load(`${origin}/none.gguf`, { worker, cache: false }), { code: 'network', message: /404/ });
  });
}

test('files from another folder; and where no worker can start, the engine runs in this thread and says so', async () => {
  for (const assets of [`${origin}/web/dist/node/`, new URL(`${origin}/web/dist/node`)]) {
    requests.length = 0;
    await answers(path, { assets, threads: 1 });
    assert.ok(requests.includes('GET /web/dist/node/chord.wasm'), requests.join());
  }
  await answers(path, { workerUrl: pathToFileURL('dist/node/engine-worker.js') });
  const engine = await load(path, { workerUrl: pathToFileURL('dist/node/nowhere.js') });
  assert.equal(engine.info.worker, false);
  assert.match(engine.info.workerReason, /could not start: .*nowhere\.js/);
  assert.equal(await engine.generate(question, { temperature: 0 }).text(), answer);
  await engine.dispose();
  await assert.rejects(load(path, { assets: `${origin}/nowhere` }), { code: 'io', message: /wasm modules/ });
});

/** What a program prints as JSON; it must end by itself. */
async function run(program: string): Promise<unknown> {
  const options = ['--no-warnings', '--input-type=module', '-e', program];
  const { stdout } = await promisify(execFile)(process.execPath, options, { timeout: 60_000 });
  return JSON.parse(stdout);
}

// Before the package is imported.
const watched = `
import { createRequire, syncBuiltinESMExports } from 'node:module';
const threads = createRequire('/')('node:worker_threads');
const workers = [];
threads.Worker = class extends threads.Worker {
  constructor(...options) {
    super(...options);
    workers.push(this);
    this.begun = new Promise((resolve) => this.once('message', resolve));
  }
};
syncBuiltinESMExports();
`;

test('importing does nothing, without any global of a page', async () => {
  for (const build of ['node', 'node-webgpu', 'web-cpu', 'web-webgpu']) {
    const seen = await run(`${watched}
const calls = [];
for (const name of ['fetch', 'Worker', 'MessageChannel', 'setTimeout']) {
  const original = globalThis[name];
  globalThis[name] = function (...given) { calls.push(name); return Reflect.apply(original, this, given); };
}
for (const name of ['instantiate', 'compile', 'Module', 'Memory']) {
  const original = WebAssembly[name];
  WebAssembly[name] = function (...given) { calls.push(name); return Reflect.construct(original, given); };
}
for (const name of ['navigator', 'document', 'window', 'self', 'location']) delete globalThis[name];
const before = Object.keys(globalThis).length;
const { load } = await import(${entry(build)});
await new Promise((resolve) => setImmediate(resolve));
console.log(JSON.stringify([typeof load, calls, workers.length, Object.keys(globalThis).length - before]));`);
    assert.deepEqual(seen, ['function', [], 0, 0], build);
  }
});

test('a program ends while an engine is loaded, and not before its answer', async () => {
  const seen = await run(`
const { load } = await import(${entry('node')});
const engine = await load(${JSON.stringify(path)});
const text = await engine.generate('Once upon a time', { temperature: 0, maxTokens: 5 }).text();
console.log(JSON.stringify(text));`);
  assert.ok(typeof seen === 'string' && seen.length > 5);
});

test('a worker that dies is worker_lost, for what runs, waits or comes later; another engine goes on', async () => {
  const seen = await run(`${watched}
const { load } = await import(${entry('node')});
const open = () => load(${JSON.stringify(path)}, { threads: 1 });
const [engine, other] = [await open(), await open()];
const codes = [];
const failed = (error) => codes.push(error.code);
const running = engine.generate('Once upon a time', { temperature: 0, ignoreEos: true });
let waiting;
try {
  for await (const _ of running) {
    waiting ??= engine.generate('Hello').text().catch(failed);
    await workers[0].terminate();
  }
} catch (error) {
  failed(error);
}
await waiting;
await running.result.catch(failed);
await engine.tokenize('a').catch(failed);
const text = await other.generate('Once upon a time', { temperature: 0, maxTokens: 3 }).text();
await other.dispose();
console.log(JSON.stringify([codes, text !== '']));`);
  assert.deepEqual(seen, [['worker_lost', 'worker_lost', 'worker_lost', 'worker_lost'], true]);
});

test('a thread of the kernels that dies fails the call, and the next one loads the model again', async () => {
  const seen = await run(`${watched}
const { load } = await import(${entry('node')});
const engine = await load(${JSON.stringify(path)}, { threads: 2, worker: false });
const codes = [];
const alive = setInterval(() => undefined, 1000);
await workers[0].begun;
try {
  for await (const _ of engine.generate('Once upon a time', { temperature: 0 })) await workers[0].terminate();
} catch (error) {
  codes.push(error.code);
}
const text = await engine.generate('Once upon a time', { temperature: 0, maxTokens: 3 }).text();
clearInterval(alive);
console.log(JSON.stringify([codes, text !== '', workers.length]));
await engine.dispose();`);
  assert.deepEqual(seen, [['worker_lost'], true, 2]);
});

test('errors are of the class that is exported', async () => {
  await assert.rejects(load(new Uint8Array(10)), (error) => error instanceof ChordError && error.stack !== undefined);
});
