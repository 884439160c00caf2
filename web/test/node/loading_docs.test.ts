// The snippets of docs/loading.md, as they are, with a local server in the place of theirs.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { createContext, runInContext } from 'node:vm';
import * as chord from 'wasm-chord';
import type { EngineOptions, Fetch, LoadOptions, ModelSource } from 'wasm-chord';
import { splitGguf, splitName } from '../../../tests/split_gguf.mjs';
import { serve } from '../../tools/serve.mjs';

const snippets = [...readFileSync('../docs/loading.md', 'utf8').matchAll(/^```js\n(.*?)^```$/gms)].map(
  ([, code = '']) => code,
);
const model = '../models/chord-tiny/chord-tiny-q8_0.gguf';
const requests: string[] = [];
let folder = '';
let fetchLocally: Fetch;
let close = (): void => undefined;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'chord-docs-'));
  process.env['WASM_CHORD_CACHE'] = join(folder, 'cache');
  cpSync(model, join(folder, 'tiny.gguf'));
  const files = splitGguf(readFileSync(model), 30);
  assert.equal(files.length, 3);
  for (const [index, file] of files.entries()) writeFileSync(join(folder, splitName('split', index + 1, 3)), file);
  const { server, origin } = await serve({ root: folder });
  fetchLocally = (url, init) => {
    requests.push(String(url));
    return fetch(`${origin}/${basename(new URL(url).pathname)}`, init);
  };
  close = () => {
    server.closeAllConnections();
    server.close();
  };
});
after(() => {
  close();
  delete process.env['WASM_CHORD_CACHE'];
  rmSync(folder, { recursive: true });
});

async function run(code: string): Promise<string> {
  const printed: string[] = [];
  const provided = {
    ...chord,
    load: (source: ModelSource, options?: EngineOptions) => chord.load(source, { ...options, fetch: fetchLocally }),
    WasmModel: {
      load: (source: ModelSource, options?: LoadOptions) =>
        chord.WasmModel.load(source, { ...options, fetch: fetchLocally }),
    },
  };
  const own = { log: (...values: unknown[]) => printed.push(values.map(String).join(' ')) };
  const body = code.replace(/^import (\{.*\}) from 'wasm-chord';$/m, 'const $1 = chord;');
  const context = createContext({ chord: provided, console: own });
  await runInContext(`(async () => {${body}})()`, context);
  return printed.join('\n');
}

for (const [index, code] of snippets.entries()) {
  const title = /load\([^\n]*/.exec(code)?.[0] ?? '';
  test(`snippet ${index + 1}: ${title}`, async () => {
    requests.length = 0;
    const printed = await run(code);
    if (code.includes('onProgress')) assert.match(printed, /tiny\.gguf: \d{7} of 7947456 bytes/);
    if (code.includes('split-00001')) {
      assert.deepEqual(
        [...new Set(requests)],
        [1, 2, 3].map((n) => `https://models.example/${splitName('split', n, 3)}`),
      );
    }
    if (code.includes('repo:')) assert.equal(requests[0], 'https://huggingface.co/owner/name/resolve/main/tiny.gguf');
    if (code.includes('cache.list'))
      assert.match(printed, /^https:\/\/models\.example\/tiny\.gguf 7947456 7947456 true$/m);
    if (code.includes('sha256')) assert.match(printed, /^integrity .*its SHA-256 is [0-9a-f]{64}, not 0{64}/);
  });
}

test('there are snippets', () => {
  assert.equal(snippets.length, 5);
});
