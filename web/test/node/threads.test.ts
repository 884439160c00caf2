// Variants and threads of the kernels. What runs is decided once in a process, so each has one of its own.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { engineFeatures } from '../../src/host/modules.js';

const model = '../models/chord-tiny/chord-tiny-q8_0.gguf';
const prologue = `
import { createRequire, syncBuiltinESMExports } from 'node:module';
const threads = createRequire('/')('node:worker_threads');
const workers = [];
threads.Worker = class extends threads.Worker {
  constructor(...options) {
    super(...options);
    this.begun = new Promise((resolve) => this.once('message', resolve));
    workers.push(this);
  }
};
syncBuiltinESMExports();
const { default: init, WasmModel } = await import(${JSON.stringify(new URL('dist/node/index.js', `file://${process.cwd()}/`).href)});
const load = () => WasmModel.load(${JSON.stringify(model)});
const greedy = (model, tokens = 60) => model.set_config(tokens, 0, 1, 0, 1);
const prompt = 'Once upon a time there was a little girl who';
`;

/** What a program prints as JSON; it must end by itself. */
async function run(program: string): Promise<unknown> {
  const options = ['--no-warnings', '--input-type=module', '-e', prologue + program];
  const { stdout } = await promisify(execFile)(process.execPath, options, { timeout: 120_000 });
  return JSON.parse(stdout);
}

const generate = (options: string, after = ''): string => `
await init(${options});
// Promises keep no process alive.
const alive = setInterval(() => undefined, 1000);
const model = await load();
greedy(model);
const { kernels, threads: count } = model.get_model_info();
for (const { begun } of workers) await begun;
const texts = [model.generate(prompt)];
texts.push((await Array.fromAsync?.(model.generate_async(prompt)))?.join('') ?? texts[0]);
console.log(JSON.stringify({ kernels, count, texts, workers: workers.length }));
${after}
clearInterval(alive);`;

const variants = engineFeatures().relaxedSimd ? ['relaxed', 'simd128'] : ['simd128'];

for (const variant of variants) {
  test(`${variant} runs when it is forced, and any number of threads gives the same text`, async () => {
    const texts: unknown[] = [];
    for (const threads of [1, 2, 3, 7]) {
      const seen = await run(generate(`{ variant: '${variant}', threads: ${threads} }`));
      assert.ok(isSeen(seen));
      assert.deepEqual([seen.kernels, seen.count, seen.workers], [variant, threads, threads - 1]);
      texts.push(...seen.texts);
    }
    assert.ok(typeof texts[0] === 'string' && texts[0].length > 100);
    assert.deepEqual(new Set(texts).size, 1);
  });
}

test('the best variant runs when none is forced', async () => {
  const seen = await run(generate('{}'));
  assert.ok(isSeen(seen));
  assert.equal(seen.kernels, variants[0]);
});

test('free() ends the workers', async () => {
  const ended = `
model.free();
await Promise.all(workers.map((worker) => new Promise((resolve) => worker.once('exit', resolve))));`;
  assert.ok(isSeen(await run(generate('{ threads: 3 }', ended))));
});

test('a worker that ends is worker_lost, and later models load and run', async () => {
  const seen = await run(`
await init({ threads: 2 });
const model = await load();
greedy(model, 200);
// Else it would not be missed.
const alive = setInterval(() => undefined, 1000);
await workers[0].begun;
clearInterval(alive);
const stream = model.generate_async(prompt);
await stream.next();
await workers[0].terminate();
let code = '';
try {
  for await (const _ of stream);
} catch (error) {
  code = error.code;
}
let again = '';
try {
  model.generate(prompt);
} catch (error) {
  again = error.code;
}
model.free();
const next = await load();
greedy(next, 10);
console.log(JSON.stringify({ code, again, text: next.generate(prompt), workers: workers.length }));
`);
  assert.ok(typeof seen === 'object' && seen !== null && 'text' in seen && typeof seen.text === 'string');
  assert.ok(seen.text.length > 10);
  assert.deepEqual({ ...seen, text: '' }, { code: 'worker_lost', again: 'worker_lost', text: '', workers: 2 });
});

interface Seen {
  readonly kernels: string;
  readonly count: number;
  readonly workers: number;
  readonly texts: readonly string[];
}

function isSeen(value: unknown): value is Seen {
  return typeof value === 'object' && value !== null && 'kernels' in value && 'texts' in value;
}
