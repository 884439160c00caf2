// The chord program as the tests run it: natively with each kernel variant, or compiled to WASI.
// CHORD_PROGRAM is "native" (the default) or "wasi".
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const wasiRunner = fileURLToPath(new URL('run_wasi.mjs', import.meta.url));

export const kind = process.env.CHORD_PROGRAM ?? 'native';
const executable = { native: 'build/native/bin/chord', wasi: 'build/wasi/bin/chord.wasm' }[kind];
if (executable === undefined) throw new Error(`CHORD_PROGRAM is "${kind}"; it is native or wasi`);
if (!existsSync(root + executable)) throw new Error(`${executable} is not there: ./dev build makes it`);

/** Kernel variants that the program can be forced to. */
export const variants = kind === 'native' ? ['avx2', 'scalar'] : ['simd128', 'scalar'];

/** Absolute path of a file of the repository. */
export const inRepository = (path) => root + path;

/** Absolute path of a file of the test data beside the repository. */
export const inShared = (path) => `${root}../shared/${path}`;

/** A reason to skip a test that needs the data beside the repository, or false. */
export const withoutShared = existsSync(inShared('README.md')) ? false : '../shared is absent';

/** Runs the program; resolves to its exit code and what it printed. Never rejects for a failing program. */
export function chord(...args) {
  const [file, all] =
    kind === 'native' ? [root + executable, args] : [process.execPath, [wasiRunner, root + executable, ...args]];
  return new Promise((resolve) => {
    execFile(file, all, { maxBuffer: 1 << 30, encoding: 'utf8' }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : `signal ${error.signal}`;
      resolve({ code, stdout, stderr });
    });
  });
}

/** The same; throws unless the program succeeds. Resolves to its stdout. */
export async function succeed(...args) {
  const { code, stdout, stderr } = await chord(...args);
  if (code !== 0) throw new Error(`chord ${args.join(' ')}: exit code ${code}\n${stderr}`);
  return stdout;
}

/** Expects a failure whose stderr matches, and nothing on stdout. */
export async function fails(code, message, ...args) {
  const result = await chord(...args);
  assert.match(result.stderr, message);
  assert.equal(result.code, code);
  assert.equal(result.stdout, '');
}

/** A folder for the files of one test file, which goes with it; and what writes one of them and gives its path. */
export function scratch() {
  const folder = mkdtempSync(join(tmpdir(), 'chord-'));
  after(() => rmSync(folder, { recursive: true }));
  const file = (name, content) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  return { folder, file };
}
