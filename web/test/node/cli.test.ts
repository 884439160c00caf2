// The program wasm-chord, as npm installs it: what it prints, where, and its exit codes.
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { checkReport } from '../../../scripts/bench/report.mjs';
import { serve } from '../../tools/serve.mjs';
import { chooseThreads, engineFeatures } from '../../src/host/modules.js';

const model = '../models/chord-tiny/chord-tiny-q8_0.gguf';

function run(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, ['dist/cli.js', ...args], { encoding: 'utf8' });
}

function runWith(input: string, ...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, ['dist/cli.js', ...args], { encoding: 'utf8', input });
}

function succeed(...args: string[]): string {
  const { status, stdout, stderr } = run(...args);
  assert.deepEqual([status, stderr], [0, '']);
  return stdout;
}

test('help is on stdout, of the program and of each command', () => {
  const commands = [...succeed('--help').matchAll(/^ {2}(\w+) /gm)].map(([, name]) => name ?? '');
  assert.deepEqual(commands, ['run', 'chat', 'serve', 'info', 'bench', 'cache']);
  for (const command of commands)
    assert.match(succeed(command, '--help'), new RegExp(`^usage: wasm-chord ${command} `));
  assert.equal(succeed('-h'), succeed('--help'));
  assert.equal(succeed('--version'), '0.1.0\n');
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
    [/usage: wasm-chord run MODEL/, 'run'],
    [/--device cannot be 'tpu'; it takes auto\|cpu\|webgpu/, 'run', model, 'x', '--device', 'tpu'],
    [/--temperature cannot be 'warm'; it takes a number of at least 0/, 'run', model, 'x', '--temperature', 'warm'],
    [/--system has no place/, 'run', model, 'x', '--raw', '--system', 'y'],
    [/two prompts/, 'run', model, 'x', '--prompt-file', 'y'],
    [/'hf:model.gguf' does not name a file; write hf:OWNER\/REPOSITORY\/FILE/, 'run', 'hf:model.gguf', 'x'],
    [/--history: .*nowhere/, 'chat', model, '--history', 'nowhere.json'],
    [/usage: wasm-chord serve MODEL/, 'serve'],
    [
      /--port cannot be '65536'; it takes a whole number of at least 0 and at most 65535/,
      'serve',
      model,
      '--port',
      '65536',
    ],
    [/--cors cannot be 'example.com'; it takes an origin such as/, 'serve', model, '--cors', 'example.com'],
    [/--queue cannot be '-1'/, 'serve', model, '--queue=-1'],
    [/usage: wasm-chord cache list/, 'cache', 'burn'],
    [/usage: wasm-chord cache list/, 'cache', 'delete'],
    [/holds no conversation/, 'chat', model, '--history', 'package.json'],
  ] as const) {
    const { status, stdout, stderr } = run(...args);
    assert.deepEqual([status, stdout], [2, '']);
    assert.match(stderr, message);
  }
  const { status, stdout, stderr } = run('bench', 'nowhere.gguf');
  assert.deepEqual([status, stdout], [1, '']);
  assert.match(stderr, /^wasm-chord: .*nowhere\.gguf/);
});

const greedy = ['--device', 'cpu', '--temperature', '0'];

test('run answers the argument, a file, or stdin, in the chat template or on the text itself', () => {
  const answer = 'The capital of France is Paris.\n';
  assert.equal(succeed('run', model, 'What is the capital of France?', ...greedy), answer);
  const question = join(mkdtempSync(join(tmpdir(), 'chord-cli-')), 'question.txt');
  writeFileSync(question, 'What is the capital of France?');
  assert.equal(succeed('run', model, '--prompt-file', question, ...greedy), answer);
  assert.equal(runWith('What is the capital of France?\n', 'run', model, ...greedy).stdout, answer);
  const raw = succeed('run', model, 'Once upon a time', '--raw', '--max-tokens', '5', ...greedy);
  const { stdout, stderr } = run('run', model, 'Once upon a time', '--raw', '--max-tokens', '5', '--stats', ...greedy);
  assert.equal(stdout, raw);
  assert.match(
    stderr,
    /^\d+ tokens of prompt \([\d.]+ tok\/s\), first token after \d+ ms, 5 generated \([\d.]+ tok\/s\)\n$/,
  );
});

test('run answers several times, and reads the prompt once', () => {
  const options = ['Once upon a time', '--raw', '--device', 'cpu', '--temperature', '1', '--max-tokens', '9'];
  const { stdout, stderr } = run('run', model, ...options, '--seed', '4', '-n', '3', '--stats');
  const texts = ['4', '5', '6'].map((seed) => succeed('run', model, ...options, '--seed', seed));
  assert.equal(stdout, texts.join('---\n'));
  assert.equal(stderr.match(/ of prompt, 3 of them known/g)?.length, 2);
});

test('run keeps the answer to a schema or a grammar', () => {
  const folder = mkdtempSync(join(tmpdir(), 'chord-'));
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const schema = file('schema.json', '{"enum":["yes","no"]}');
  const grammar = file('city.gbnf', 'root ::= "Paris" | "Lyon"');
  const ask = (...form: string[]): string => succeed('run', model, 'Is the sky blue?', '--device', 'cpu', ...form);
  assert.match(ask('--json-schema', schema), /^ ?"(yes|no)"\n$/);
  assert.match(ask('--grammar', grammar), /^(Paris|Lyon)\n$/);
  const both = run('run', model, 'x', '--json-schema', schema, '--grammar', grammar);
  assert.deepEqual([both.status, /cannot be used together/.test(both.stderr)], [2, true]);
});

test('chat keeps the conversation, forgets it, writes it down and goes on with it', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'chord-cli-')), 'history.json');
  const first = runWith(`What is the capital of France?\n/save ${file}\n`, 'chat', model, ...greedy);
  assert.deepEqual([first.status, first.stdout], [0, 'The capital of France is Paris.\n']);
  const history: unknown = JSON.parse(readFileSync(file, 'utf8'));
  assert.deepEqual(history, [
    { role: 'user', content: 'What is the capital of France?' },
    { role: 'assistant', content: 'The capital of France is Paris.' },
  ]);
  const lines = [
    'What is the capital of Italy?',
    '/reset',
    'What is the capital of Italy?',
    '/save /nowhere/x',
    '/what',
  ];
  const { status, stdout, stderr } = runWith(lines.join('\n'), 'chat', model, '--history', file, ...greedy);
  assert.deepEqual([status, stdout], [0, 'The capital of Italy is Rome.\nThe capital of Italy is Rome.\n']);
  const promptTokens = [...stderr.matchAll(/^(\d+) tokens of prompt/gm)].map(([, count]) => Number(count));
  assert.ok((promptTokens[0] ?? 0) > (promptTokens[1] ?? 0), stderr);
  assert.match(stderr, /ENOENT.*\/nowhere\/x/);
  assert.match(stderr, /\/save FILE {2}write it/);
});

test('info says what a model is and takes', () => {
  // Dawn says on stderr what drivers it does not find.
  const table = succeed('info', model, '--context', '256', '--device', 'cpu');
  const rows = [/^name +Chord Tiny$/m, /^context here +256 tokens/m, /^memory, all .*: fits$/m, /GPU +the CPU was/];
  for (const row of rows) assert.match(table, row);
  const facts: unknown = JSON.parse(succeed('info', model, '--json', '--device', 'cpu'));
  assert.ok(typeof facts === 'object' && facts !== null && 'parameters' in facts);
  assert.equal(facts.parameters, 7_344_384);
});

test('what was downloaded is listed, sized, used again and forgotten', async () => {
  const requests: string[] = [];
  const onRequest = (_: string | undefined, path: string): void => void requests.push(path);
  const { server, origin } = await serve({ onRequest });
  const url = `${origin}/${model.replace('../', '')}`;
  const folder = mkdtempSync(join(tmpdir(), 'chord-cli-'));
  const ask = ['run', url, 'What is the capital of France?', ...greedy, '--cache-folder', folder];
  // Not spawnSync, since this process serves.
  const program = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)(process.execPath, ['dist/cli.js', ...args])).stdout;
  try {
    assert.equal(await program(...ask, '--no-cache'), 'The capital of France is Paris.\n');
    assert.equal(await program('cache', 'list', '--folder', folder), '');
    await program(...ask);
    const downloads = requests.length;
    assert.equal(await program(...ask), 'The capital of France is Paris.\n');
    assert.equal(requests.length, downloads);
    assert.equal(await program('cache', 'list', '--folder', folder), `${url}  7.9 MB\n`);
    assert.equal(await program('cache', 'size', '--folder', folder), `${statSync(model).size}\n`);
    await program('cache', 'delete', url, '--folder', folder);
    assert.equal(await program('cache', 'size', '--folder', folder), '0\n');
    await assert.rejects(program('cache', 'delete', url, '--folder', folder), {
      code: 1,
      stderr: /is not in the cache/,
    });
  } finally {
    server.closeAllConnections();
    server.close();
  }
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
