// Runs the benchmarks of two checkouts in turns and prints how the second one's speeds stand to the first one's.
// ./dev bench --help says what the options mean.
//
//   compare.mjs BEFORE AFTER [options]
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { madeModel } from './models.mjs';
import { calmly, warning } from './noise.mjs';
import { isSlower, ratiosOf } from './ratios.mjs';
import { table } from './report.mjs';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));

const {
  values: options,
  positionals: [before, after],
} = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: 'string', multiple: true },
    shape: { type: 'string', default: 'tinyllama-1.1b' },
    type: { type: 'string', default: 'q4_k_m' },
    prompt: { type: 'string', default: '64' },
    generate: { type: 'string', default: '16' },
    rounds: { type: 'string', default: '5' },
    'fail-below': { type: 'string', default: '0' },
  },
});
const files = options.model ?? options.type.split(',').map((type) => madeModel(options.shape, type));
const least = Number(options['fail-below']);
const rounds = Number(options.rounds);
if (!(least >= 0 && rounds >= 1)) throw new Error('--fail-below and --rounds take numbers');

/** How a checkout's program is started, natively or in Node. */
const programs = {
  native: (checkout) => [`${checkout}/build/native/bin/chord`],
  node: (checkout) => [process.env.NODE26 ?? process.execPath, `${checkout}/web/dist/cli.js`],
};

let mostBusy = 0;

async function bench([program, ...args], file) {
  const lengths = ['--prompt', options.prompt, '--generate', options.generate, '--runs', '2'];
  const { stdout } = await run(program, [...args, 'bench', root + file, ...lengths, '--json']);
  const [{ prefill, decode }] = JSON.parse(stdout).speeds;
  return { prefill: prefill.median, decode: decode.median };
}

/** Both checkouts in turn; every second time the other way round, so that a machine that slows down is fair to both. */
async function measure(kind, file, times) {
  const pairs = [];
  for (let round = 0; round < times; round++) {
    const pair = [];
    for (const side of round % 2 === 0 ? [0, 1] : [1, 0]) {
      const { result, busy } = await calmly(() => bench(programs[kind]([before, after][side]), file));
      pair[side] = result;
      mostBusy = Math.max(mostBusy, busy);
    }
    pairs.push(pair);
  }
  return ['prefill', 'decode'].map((what) => ({
    name: `${kind}, ${what} on ${basename(file)}`,
    ...ratiosOf(pairs.map((pair) => pair.map((speeds) => speeds[what]))),
  }));
}

const range = ({ median, min, max }, digits) =>
  `${median.toFixed(digits)} (${min.toFixed(digits)} to ${max.toFixed(digits)})`;

function print(results) {
  const rows = results.map(({ name, before, after, ratio, best }) => [
    ...[name, range(before, 1), range(after, 1), range(ratio, 2), best.toFixed(2)],
  ]);
  console.log(table([['tokens a second', 'before', 'after', 'after / before', 'of the best'], ...rows]));
}

const kinds = Object.keys(programs).filter((kind) => {
  const missing = [before, after].map((checkout) => programs[kind](checkout).at(-1)).find((path) => !existsSync(path));
  if (missing) console.log(`left out: ${kind}, since ${missing} was not built`);
  return !missing;
});
const slower = [];
for (const file of files) {
  for (const kind of kinds) {
    let results = await measure(kind, file, rounds);
    print(results);
    // What looks like a regression may have been a neighbour: it has to show again, over twice the rounds.
    if (results.some((each) => isSlower(each, least))) {
      console.log('again, since that is below what is wanted:');
      results = await measure(kind, file, 2 * rounds);
      print(results);
    }
    slower.push(...results.filter((each) => isSlower(each, least)));
  }
}
if (warning(mostBusy)) console.log(warning(mostBusy));
for (const { name, ratio } of slower) console.log(`${name}: ${ratio.median.toFixed(2)} times as fast as before`);
if (kinds.length === 0 || slower.length > 0) process.exitCode = 1;
