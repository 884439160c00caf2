// The snippets of the documents, which print what they say they do.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const names: Readonly<Record<string, string>> = {
  "'wasm-chord'": JSON.stringify(pathToFileURL(resolve('dist/node/index.js')).href),
  "'model.gguf'": JSON.stringify(resolve('../models/chord-tiny/chord-tiny-q8_0.gguf')),
};

/** The page's snippets as one program: each in a scope of its own, apart from the first, which they share. */
function programOf(page: string): string {
  const snippets = [...page.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code]) => code ?? '');
  assert.ok(snippets.length > 0);
  const [first, ...others] = snippets;
  const program = [first, ...others.map((code) => `{\n${code}}`)].join('\n');
  return Object.entries(names).reduce((code, [name, text]) => code.replaceAll(name, text), program);
}

for (const page of ['chat']) {
  test(`docs/${page}.md`, async () => {
    const program = programOf(readFileSync(`../docs/${page}.md`, 'utf8'));
    const expected = [...program.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, text]) => text ?? '');
    assert.equal(expected.length, program.split('console.log').length - 1);
    const folder = mkdtempSync(join(tmpdir(), 'chord-docs-'));
    try {
      writeFileSync(join(folder, 'page.mjs'), program);
      const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'page.mjs')], { timeout: 120_000 });
      assert.deepEqual(stdout.trimEnd().split('\n'), expected);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}
