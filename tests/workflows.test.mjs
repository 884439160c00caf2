// The workflows in .github/ are made only of ./dev commands, so what they do can be done anywhere.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
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
      for (const run of runs) assert.match(run, /^\.\/dev (build|demo|lint|pack|size|test|bench)( [\w.=~-]+)*$/, name);
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

test('release.yml publishes what has passed, on a tag, without a token', () => {
  const text = readFileSync(`${folder}release.yml`, 'utf8');
  assert.match(text, /^on:\n {2}push:\n {4}tags:\n {6}- 'v\*'\n\n/m);
  assert.match(text, /^permissions:\n {2}contents: read\n {2}id-token: write\n/m);
  assert.ok(!text.includes('secrets'));
  assert.deepEqual(read(text).get('release').runs, ['./dev lint', './dev test', './dev pack --publish']);
});

test('./dev pack --publish stops before npm where the tag is not the version', () => {
  const script = `source scripts/dev/common.sh; source scripts/dev/install.sh; source scripts/dev/pack.sh
    build_page() { :; }; make_tarball() { :; }; need_own_nodes() { echo reached; }; main --publish`;
  const publish = (tag) =>
    spawnSync('bash', ['-euc', script], {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, GITHUB_REF_NAME: tag, NODE26: 'true' },
    });
  const wrong = publish('v0.0.0');
  assert.equal(wrong.status, 1);
  assert.match(wrong.stderr, /the tag 'v0\.0\.0' is not v\d+\.\d+\.\d+, which is the version/);
  assert.equal(wrong.stdout, '');
  const { version } = JSON.parse(readFileSync(`${root}web/package.json`, 'utf8'));
  assert.match(
    publish(`v${version}`).stdout,
    /^reached\n\+ true .*npm-cli\.js publish --provenance --access public build\/package\/wasm-chord-/,
  );
});
