// A model that is split over several files, on the shipped build: from wherever they come, as cached as not.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { WasmModel, cache, format_chat, load } from 'wasm-chord';
import type { FileSource, LoadOptions, ModelSource } from 'wasm-chord';
import { splitGguf, splitName } from '../../../tests/split_gguf.mjs';
import { serve } from '../../tools/serve.mjs';

const files = splitGguf(readFileSync('../models/chord-tiny/chord-tiny-q8_0.gguf'), 14, { emptyFirst: true });
const names = files.map((_, index) => splitName('tiny', index + 1, files.length));
const [firstName = ''] = names;
const requests: string[] = [];
const servers: Server[] = [];
let folder = '';
let withRange = '';
let withoutRange = '';
let hub = '';

before(async () => {
  assert.ok(files.length > 3);
  folder = mkdtempSync(join(tmpdir(), 'chord-split-'));
  for (const [index, file] of files.entries()) writeFileSync(join(folder, names[index] ?? ''), file);
  for (const ranges of [true, false]) {
    const onRequest = (method: string | undefined, path: string): void => {
      requests.push(`${method ?? ''} ${basename(path)}`);
    };
    const { server, origin } = await serve({ root: folder, ranges, onRequest });
    servers.push(server);
    if (ranges) withRange = origin;
    else withoutRange = origin;
  }
  mkdirSync(join(folder, 'hub/owner/name/resolve'), { recursive: true });
  symlinkSync(folder, join(folder, 'hub/owner/name/resolve/main'));
  hub = `${withRange}/hub`;
});
after(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  requests.length = 0;
});

async function check(source: ModelSource, options: LoadOptions = {}): Promise<void> {
  const model = await WasmModel.load(source, options);
  model.set_config(20, 0, 1, 0, 1);
  assert.equal(
    model.generate(format_chat(null, 'What is the capital of France?', 'chatml')),
    'The capital of France is Paris.',
  );
  model.free();
}

test('one name stands for all of them', async () => {
  await check(join(folder, firstName));
  for (const origin of [withRange, withoutRange]) {
    await check(`${origin}/${firstName}?download=true`);
    await check(new URL(`${origin}/${firstName}`));
  }
});

test('an array has them in order', async () => {
  await check(names.map((name) => `${withRange}/${name}`));
  await check(names.map((name) => join(folder, name)));
  await check(files.map((file, index) => new File([new Uint8Array(file)], names[index] ?? '')));
  await check(files);
  await assert.rejects(check(files.toReversed()), { code: 'invalid_gguf', message: /of a split model/ });
  await assert.rejects(check(files.slice(0, 2)), {
    code: 'invalid_argument',
    message: /number 3 is wanted, and 2 were/,
  });
  await assert.rejects(check(files.slice(0, 1)), { code: 'invalid_argument', message: /one was given/ });
  assert.throws(() => new WasmModel(files[0] ?? new Uint8Array()), { code: 'invalid_argument', message: /split over/ });
  await assert.rejects(check([]), { code: 'invalid_argument' });
  const nothing: readonly FileSource[] = [join(folder, firstName), join(folder, 'none.gguf')];
  await assert.rejects(check(nothing), { code: 'io', message: /none\.gguf/ });
});

test('an engine takes them, too, in a worker and not', async () => {
  const repository = { repo: 'owner/name', file: firstName, endpoint: hub };
  const buffers = files.map((file) => new Uint8Array(file));
  for (const worker of [true, false]) {
    for (const source of [join(folder, firstName), names.map((name) => `${withRange}/${name}`), repository, buffers]) {
      const engine = await load(source, { worker, cache: false });
      const messages = [{ role: 'user', content: 'What is the capital of France?' }] as const;
      assert.equal(await engine.generate(messages, { temperature: 0 }).text(), 'The capital of France is Paris.');
      await engine.dispose();
    }
  }
});

test('progress is of all files together', async () => {
  const total = files.reduce((sum, { length }) => sum + length, 0);
  const placed: [number, number | undefined][] = [];
  await check(`${withRange}/${firstName}`, { onProgress: (loaded, all) => placed.push([loaded, all]) });
  assert.ok((placed.at(-1)?.[0] ?? 0) > total - 100);
  assert.equal(placed.at(-1)?.[1], total);
});

test('each is in the cache, and gone on with by itself', async () => {
  const cacheFolder = mkdtempSync(join(tmpdir(), 'chord-split-cache-'));
  const url = `${withRange}/${firstName}`;
  const cached: LoadOptions = { cache: true, cacheFolder };
  const controller = new AbortController();
  const stopped = check(url, {
    ...cached,
    signal: controller.signal,
    onProgress: (loaded) => {
      if (loaded > 4_000_000) controller.abort();
    },
  });
  await assert.rejects(stopped, { code: 'cancelled' });
  const stored = await cache.size(cacheFolder);
  assert.ok(stored > 3_900_000, String(stored));
  await check(url, cached);
  const entries = await cache.list(cacheFolder);
  assert.deepEqual(entries.map(({ key }) => basename(key)).sort(), names);
  assert.ok(entries.every(({ complete }) => complete));
  requests.length = 0;
  await check(url, cached);
  assert.deepEqual(requests, []);
  assert.equal(await cache.delete(url, cacheFolder), true);
  assert.deepEqual(await cache.list(cacheFolder), [], 'one name stands for all of them here, too');
  rmSync(cacheFolder, { recursive: true });
});
