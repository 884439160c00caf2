// Runs the package, the native program and other engines on the same files, in turns, and prints speeds and ratios.
// ./dev bench --help says what the options mean.
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { figuresOf } from './figures.mjs';
import { madeModel } from './models.mjs';
import { calmly, warning } from './noise.mjs';
import { startPages } from './page.mjs';
import { openChild, openNative } from './processes.mjs';
import { spreadOf, table } from './report.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const chordTiny = 'models/chord-tiny/chord-tiny-q8_0.gguf';

const { values: options } = parseArgs({
  options: {
    model: { type: 'string', multiple: true },
    shape: { type: 'string', default: 'tinyllama-1.1b' },
    type: { type: 'string', default: 'q4_k_m,q4_0,q8_0' },
    engines: { type: 'string' },
    threads: { type: 'string', default: String(availableParallelism()) },
    prompt: { type: 'string', default: '64' },
    generate: { type: 'string', default: '32' },
    runs: { type: 'string', default: '3' },
    json: { type: 'string' },
  },
});
const runs = Number(options.runs);
const common = {
  promptTokens: Number(options.prompt),
  generated: Number(options.generate),
  threads: Number(options.threads),
};
const files = options.model ?? [...options.type.split(',').map((type) => madeModel(options.shape, type)), chordTiny];

const pages = await startPages();
const openers = {
  chromium: (file) => pages.open('openChord', { ...common, url: `/${file}` }),
  wllama: (file) => pages.open('openWllama', { ...common, url: `/${file}` }),
  node: (file) => openChild('package.mjs', { ...common, file: root + file }, process.env.NODE26),
  'node-simd128': (file) =>
    openChild('package.mjs', { ...common, variant: 'simd128', file: root + file }, process.env.NODE26),
  native: (file) => openNative({ ...common, file: root + file }),
  'llama.cpp': (file) => openChild('llama_cpp.mjs', { ...common, file: root + file }),
};
const chosen = options.engines?.split(',') ?? Object.keys(openers);
const unknown = chosen.filter((name) => !(name in openers));
if (unknown.length > 0) throw new Error(`there is no engine ${unknown}; there are: ${Object.keys(openers)}`);

const leftOut = [];

/** The engines that open on a file; of the others it is said why not. */
async function openAll(file) {
  const opened = [];
  for (const name of chosen) {
    try {
      opened.push([name, await openers[name](file)]);
    } catch (error) {
      leftOut.push({ engine: name, file: basename(file), why: error.message });
    }
  }
  return opened;
}

// JavaScript's engines compile what runs often while it runs, and a small model's generation is over before that.
const warmUpMs = 1000;

async function warmUp(engine) {
  const begin = performance.now();
  do await engine.run();
  while (performance.now() - begin < warmUpMs);
}

/** One generation of each engine in turn, `runs` times, after some that do not count. */
async function measureSpeeds(opened) {
  const speeds = new Map(opened.map(([name]) => [name, []]));
  const busy = [];
  for (const [, engine] of opened) await warmUp(engine);
  for (let round = 0; round < runs; round++) {
    for (const [name, engine] of opened) {
      const measured = await calmly(engine.run);
      speeds.get(name).push(measured.result);
      busy.push(measured.busy);
    }
  }
  return { speeds, busy: Math.max(...busy) };
}

async function measureLoading(file) {
  const loads = [];
  for (let i = 0; i < runs; i++) loads.push(await pages.load({ ...common, url: `/${file}` }));
  return {
    fetch_ms: spreadOf(loads.map(({ fetchMs }) => fetchMs)),
    load_ms: spreadOf(loads.map(({ loadMs }) => loadMs)),
    peak_bytes: spreadOf(loads.map(({ peakBytes }) => peakBytes)),
  };
}

async function measure(file) {
  const opened = await openAll(file);
  const { speeds, busy } = await measureSpeeds(opened);
  const engines = {};
  for (const [name, { facts, loadMs, peakBytes, close }] of opened) {
    const { engine, kernels, threads, kv_bytes } = facts;
    engines[name] = {
      ...{ engine, kernels, threads, kv_bytes, load_ms: loadMs, peak_bytes: peakBytes },
      prefill: spreadOf(speeds.get(name).map(({ prefill }) => prefill)),
      decode: spreadOf(speeds.get(name).map(({ decode }) => decode)),
    };
    await close();
  }
  const ours = opened.map(([, { facts }]) => facts).find(({ weight_bytes }) => weight_bytes);
  const loading = 'chromium' in engines ? await measureLoading(file) : undefined;
  return { file: basename(file), weight_bytes: ours?.weight_bytes, busy, engines, loading };
}

const range = ({ median, min, max }) => `${median.toFixed(1)} (${min.toFixed(1)} to ${max.toFixed(1)})`;
const megabytes = (bytes) => (bytes === null ? '' : (bytes / 1e6).toFixed(0));

function print({ file, weight_bytes: bytes, busy, engines, loading }) {
  const rows = Object.entries(engines).map(
    ([name, { engine, kernels, threads, load_ms, peak_bytes, prefill, decode }]) => [
      `${name}: ${engine}${kernels ? `, ${kernels}` : ''}`,
      ...[String(threads), range(prefill), range(decode), load_ms.toFixed(0), megabytes(peak_bytes)],
    ],
  );
  console.log(`\n${file}${bytes ? `, ${megabytes(bytes)} MB` : ''}\n`);
  console.log(table([['', 'threads', 'prefill tok/s', 'decode tok/s', 'load ms', 'peak MB'], ...rows]));
  if (loading) {
    const { median, min, max } = loading.peak_bytes;
    const peak = `${megabytes(median)} (${megabytes(min)} to ${megabytes(max)}) MB`;
    console.log(
      `loading in Chromium ${range(loading.load_ms)} ms, fetching alone ${range(loading.fetch_ms)} ms; ${peak}`,
    );
  }
}

const machine = `${cpus()[0].model.trim()}, ${availableParallelism()} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB`;
console.log(
  `${machine}; ${common.promptTokens} tokens of prompt, ${common.generated} generated, ${runs} runs in turns`,
);
const models = [];
for (const file of files) {
  models.push(await measure(file));
  print(models.at(-1));
}
pages.close();

const figures = models.flatMap(figuresOf);
if (figures.length > 0) {
  const rows = figures.map(({ name, file, value, atLeast, atMost, met }) => [
    name,
    file,
    value.toFixed(2),
    atLeast === undefined ? `at most ${atMost}` : `at least ${atLeast}`,
    met ? 'yes' : 'no',
  ]);
  console.log(`\n${table([['', '', 'measured', 'wanted', 'met'], ...rows])}`);
}
for (const { engine, file, why } of leftOut) console.log(`\nleft out: ${engine} on ${file}: ${why}`);
if (options.json) {
  writeFileSync(
    options.json,
    `${JSON.stringify({ machine, ...common, runs, models, figures, left_out: leftOut }, undefined, 2)}\n`,
  );
}
