// The program wasm-chord, as npm installs it: what it prints, where, and its exit codes.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import { checkReport } from '../../../scripts/bench/report.mjs';
import { chooseThreads, engineFeatures } from '../../src/host/modules.js';

const model = '../models/chord-tiny/chord-tiny-q8_0.gguf';

function run(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, ['dist/cli.js', ...args], { encoding: 'utf8' });
}

function succeed(...args: string[]): string {
  const { status, stdout, stderr } = run(...args);
  assert.deepEqual([status, stderr], [0, '']);
  return stdout;
}

test('help is on stdout, of the program and of each command', () => {
  const commands = [...succeed('--help').matchAll(/^ {2}(\w+) /gm)].map(([, name]) => name ?? '');
  assert.deepEqual(commands, ['bench']);
  for (const command of commands)
    assert.match(succeed(command, '--help'), new RegExp(`^usage: wasm-chord ${command} `));
});

test('a wrong command line is exit code 2 and says what is allowed; a file that is none is 1', () => {
  for (const [message, ...args] of [
    [/usage: wasm-chord COMMAND/],
    [/there is no command 'fly'/, 'fly'],
    [/usage: wasm-chord bench MODEL/, 'bench'],
    [/--sped/, 'bench', model, '--sped', '1'],
    [/--runs cannot be '0'; it takes a whole number of at least 1/, 'bench', model, '--runs', '0'],
    [/--generate cannot be '1'; it takes a whole number of at least 2/, 'bench', model, '--generate', '1'],
    [/--prompt cannot be ''; it takes/, 'bench', model, '--prompt', '8,'],
    [/--kv cannot be 'f8'; it takes f16\|f32\|q8_0/, 'bench', model, '--kv', 'f8'],
    [/--threads cannot be '0'; it takes/, 'bench', model, '--threads', '0'],
    [/--kernels cannot be 'avx2'; it takes simd128\|relaxed/, 'bench', model, '--kernels', 'avx2'],
  ] as const) {
    const { status, stdout, stderr } = run(...args);
    assert.deepEqual([status, stdout], [2, '']);
    assert.match(stderr, message);
  }
  const { status, stdout, stderr } = run('bench', 'nowhere.gguf');
  assert.deepEqual([status, stdout], [1, '']);
  assert.match(stderr, /^wasm-chord: .*nowhere\.gguf/);
});

test('bench prints the report that the native program prints, too', () => {
  const options = ['--prompt', '2,4', '--generate', '3', '--runs', '2', '--kv', 'q8_0'];
  const report = checkReport(JSON.parse(succeed('bench', model, ...options, '--json')));
  const { speeds, load_ms, peak_bytes, bandwidth, kv_bytes, ...facts } = report;
  assert.deepEqual(facts, {
    engine: `wasm-chord 0.1.0, Node ${process.versions.node}`,
    kernels: engineFeatures().relaxedSimd ? 'relaxed' : 'simd128',
    threads: chooseThreads(undefined, availableParallelism()),
    model: 'Chord Tiny',
    file: 'chord-tiny-q8_0.gguf',
    weight_bytes: 7816192,
    decode_bytes: 7816192,
    kv_type: 'q8_0',
    generated_tokens: 3,
    runs: 2,
  });
  assert.ok(load_ms > 0 && peak_bytes !== null && peak_bytes > statSync(model).size && peak_bytes < 2 ** 29);
  assert.ok(bandwidth !== null && bandwidth > 1e8);
  // Eight blocks of keys and values for 7 tokens, 128 channels each, 34 bytes for 32 of them.
  assert.ok(kv_bytes >= 15232 && kv_bytes < 16000);
  assert.deepEqual(
    speeds.map(({ prompt_tokens }) => prompt_tokens),
    [2, 4],
  );

  const table = succeed('bench', model, '--prompt', '8', '--generate', '2', '--runs', '1');
  assert.match(table, /^prompt +prefill tok\/s +decode tok\/s.*\n +8 +[\d.]+ \([\d.]+ to [\d.]+\) +[\d.]+ .* %$/m);
});
