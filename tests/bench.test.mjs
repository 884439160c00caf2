// What is made of benchmarks: the check of a report, the figures of a comparison, and when a revision is slower.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { figuresOf } from '../scripts/bench/figures.mjs';
import { isSlower, ratiosOf } from '../scripts/bench/ratios.mjs';
import { checkReport, spreadOf } from '../scripts/bench/report.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'chord-bench-'));
after(() => rmSync(folder, { recursive: true }));

const even = (value) => ({ median: value, min: value, max: value });
const report = {
  engine: 'chord 0.1.0',
  kernels: 'avx2',
  threads: 2,
  model: '',
  file: 'x.gguf',
  weight_bytes: 2000,
  decode_bytes: 1000,
  load_ms: 1.5,
  peak_bytes: null,
  bandwidth: 40000,
  kv_type: 'f16',
  kv_bytes: 64,
  generated_tokens: 8,
  runs: 3,
  speeds: [{ prompt_tokens: 4, prefill: even(100), decode: { median: 10, min: 9, max: 11 }, bandwidth_share: 0.25 }],
};

test('a report is checked to its last member', () => {
  assert.equal(checkReport(report), report);
  const speeds = (changes) => ({ ...report, speeds: [{ ...report.speeds[0], ...changes }] });
  const { kv_bytes: _, ...withoutKv } = report;
  for (const broken of [
    null,
    withoutKv,
    { ...report, extra: 1 },
    { ...report, threads: 0 },
    { ...report, load_ms: Infinity },
    { ...report, kv_type: 'q4_0' },
    { ...report, speeds: [] },
    speeds({ decode: { median: 12, min: 9, max: 11 } }),
    speeds({ bandwidth_share: 0.3 }),
    { ...speeds({}), bandwidth: null },
  ]) {
    assert.throws(() => checkReport(broken), undefined, JSON.stringify(broken));
  }
});

test('the median of an even number of values is between the two in the middle', () => {
  assert.deepEqual(spreadOf([10, 9, 1, 2]), { median: 5.5, min: 1, max: 10 });
});

test('figures are ratios of medians, of what was measured', () => {
  const engine = (prefill, decode, more) => ({ prefill: even(prefill), decode: even(decode), kernels: '', ...more });
  const figures = figuresOf({
    file: 'tinyllama-1.1b-q4_k_m.gguf',
    weight_bytes: 600e6,
    loading: { load_ms: even(300), fetch_ms: even(200), peak_bytes: even(720e6) },
    engines: {
      chromium: engine(60, 20, { kv_bytes: 10e6 }),
      wllama: engine(10, 5),
      'llama.cpp': engine(100, 40),
    },
  });
  assert.deepEqual(
    figures.map(({ name, value, met }) => [name, value, met]),
    [
      ['Chromium / wllama, decode', 4, false],
      ['Chromium / wllama, prefill', 6, true],
      ['Chromium or Node / llama.cpp, decode', 0.5, false],
      ['Chromium or Node / llama.cpp, prefill', 0.6, true],
      ['Chromium, loading / fetching', 1.5, true],
      ['Chromium, MB of memory beyond model and KV cache', 110, false],
    ],
  );
});

test('a revision is slower by the median of the ratios and by the best rounds', () => {
  const ratios = ratiosOf([
    [10, 7],
    [5, 4],
    [8, 4],
  ]);
  assert.deepEqual(ratios, {
    before: { median: 8, min: 5, max: 10 },
    after: { median: 4, min: 4, max: 7 },
    ratio: { median: 0.7, min: 0.5, max: 0.8 },
    best: 0.7,
  });
  assert.ok(isSlower(ratios, 0.75) && !isSlower(ratios, 0.65));
  assert.ok(!isSlower({ ...ratios, best: 1 }, 0.75), 'slow rounds are a neighbour where the best are as fast');
  assert.ok(!isSlower({ ...ratios, ratio: even(1) }, 0.75));
});

/** A checkout whose native program reports these tokens a second of decoding. */
function checkout(name, decode) {
  const bin = join(folder, name, 'build/native/bin');
  mkdirSync(bin, { recursive: true });
  const report = { speeds: [{ prefill: even(100), decode: even(decode) }] };
  writeFileSync(join(bin, 'chord'), `#!/bin/sh\necho '${JSON.stringify(report)}'\n`);
  chmodSync(join(bin, 'chord'), 0o755);
  return join(folder, name);
}

function compare(before, after, ...options) {
  const files = ['--model', 'models/chord-tiny/chord-tiny-q8_0.gguf'];
  const args = ['scripts/bench/compare.mjs', before, after, ...files, '--rounds', '2', ...options];
  return spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
}

test('a revision that is slower fails the comparison, in a second try, too', () => {
  const before = checkout('before', 10);
  const { status, stdout } = compare(before, checkout('slow', 7), '--fail-below', '0.8');
  assert.equal(status, 1, stdout);
  assert.match(stdout, /left out: node/);
  assert.match(stdout, /^native, decode on chord-tiny-q8_0\.gguf +10\.0 .* 7\.0 .* 0\.70 \(0\.70 to 0\.70\) +0\.70$/m);
  assert.match(stdout, /^native, decode on chord-tiny-q8_0\.gguf: 0\.70 times as fast as before$/m);
  assert.doesNotMatch(stdout, /native, prefill.* times as fast/);

  assert.equal(compare(before, checkout('slow', 7)).status, 0);
  assert.equal(compare(before, checkout('a little slower', 9), '--fail-below', '0.8').status, 0);
  assert.equal(compare(before, join(folder, 'nothing')).status, 1);
});
