// The workflows in .github/ are made only of ./dev commands, so what they do can be done anywhere.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = `${root}.github/workflows/`;
const kActions = ['actions/checkout@v4', 'actions/upload-artifact@v4'];

/** The jobs of a workflow: their names, and the texts of their `run` and `uses` steps in order. */
function read(text) {
  const jobs = new Map();
  let section = '';
  let job;
  for (const line of text.split('\n')) {
    section = line.match(/^(\w+):/)?.[1] ?? section;
    const name = section === 'jobs' ? line.match(/^ {2}([\w-]+):$/)?.[1] : undefined;
    if (name) jobs.set(name, (job = { runs: [], uses: [] }));
    const step = line.match(/^\s*(?:- )?(run|uses): *(.*)$/);
    if (step) job[step[1] === 'run' ? 'runs' : 'uses'].push(step[2]);
  }
  return jobs;
}

for (const file of readdirSync(folder)) {
  const text = readFileSync(folder + file, 'utf8');
  test(`${file}: every step is one ./dev command or a known action`, () => {
    for (const [name, { runs, uses }] of read(text)) {
      assert.ok(runs.length > 0, `${name} runs something`);
      for (const run of runs) assert.match(run, /^\.\/dev (build|demo|lint|size|test|bench)( [\w.=~-]+)*$/, name);
      for (const action of uses) assert.ok(kActions.includes(action), `${name} uses ${action}`);
    }
    // Other places where a workflow could hide a command, or pass one that failed.
    for (const word of ['continue-on-error', 'if:', 'shell:', 'defaults:', 'entrypoint', '||']) {
      assert.ok(!text.includes(word), `${word} in ${file}`);
    }
  });

  test(`${file}: every command of ./dev that it names exists`, () => {
    for (const { runs } of read(text).values()) {
      for (const run of runs) {
        const [, command] = run.split(' ');
        const help = execFileSync(`${root}dev`, [command, '--help'], { encoding: 'utf8', cwd: root });
        assert.ok(help.startsWith(`./dev ${command}`));
      }
    }
  });
}

test('wasm-test.yml has its four jobs, on push and pull request', () => {
  const text = readFileSync(`${folder}wasm-test.yml`, 'utf8');
  assert.match(text, /^on:\n {2}push:\n {2}pull_request:\n/m);
  const jobs = read(text);
  assert.deepEqual([...jobs.keys()], ['wasm-build', 'wasm-lint', 'wasm-test', 'wasm-bench']);
  assert.deepEqual(jobs.get('wasm-build').runs, ['./dev build', './dev size']);
  assert.deepEqual(jobs.get('wasm-lint').runs, ['./dev lint']);
  assert.ok(jobs.get('wasm-test').runs.includes('./dev test'));
  assert.match(jobs.get('wasm-bench').runs.join(), /^\.\/dev bench --compare HEAD~1 --fail-below 0\.\d+$/);
});

test('nightly.yml decodes models of 3 and 7 billion parameters', () => {
  const text = readFileSync(`${folder}nightly.yml`, 'utf8');
  assert.match(text, /^on:\n {2}schedule:\n {4}- cron: '[\d *]+'\n/m);
  const runs = read(text).get('large-models').runs.join('\n');
  for (const shape of ['llama-3.2-3b', 'llama-2-7b']) assert.ok(runs.includes(`./dev bench --shape ${shape} `), shape);
});
