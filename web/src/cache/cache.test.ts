import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, readdir, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { flakyServer } from '../../test/flaky_server.js';
import type { FlakyServer } from '../../test/flaky_server.js';
import { openSource } from '../sources/open.js';
import type { DownloadProgress, SourceOptions } from '../sources/options.js';
import type { ByteSource } from '../sources/source.js';
import { openDisk } from './disk.js';
import { Claim } from './entry.js';
import { cache } from './index.js';
import { cacheKey, entryName } from './key.js';

const megabyte = 2 ** 20;
const file = Uint8Array.from({ length: 2 * megabyte + 77 }, (_, index) => (index * 11 + (index >> 12)) % 256);
const sha256 = createHash('sha256').update(file).digest('hex');
let server: FlakyServer;
let url = '';
let folder = '';

before(async () => {
  server = await flakyServer(file);
  url = `${server.origin}/some/model.gguf`;
});
after(() => {
  server.close();
});
beforeEach(async () => {
  if (folder !== '') await rm(folder, { recursive: true, force: true });
  folder = await mkdtemp(join(tmpdir(), 'chord-cache-'));
  server.requests.length = 0;
  server.headers.length = 0;
  server.answer = () => ({});
});

function open(options: SourceOptions = {}): Promise<ByteSource> {
  return openSource(url, { cache: true, cacheFolder: folder, retryDelay: 1, ...options });
}

async function readUpTo(source: ByteSource, end: number): Promise<Buffer> {
  const target = Buffer.alloc(end);
  for (let done = 0; done < end;) {
    const count = await source.read(done, target.subarray(done, done + 100_000));
    if (count === 0) return target.subarray(0, done);
    done += count;
  }
  return target;
}

async function load(options: SourceOptions = {}): Promise<ByteSource> {
  const source = await open(options);
  try {
    assert.ok((await readUpTo(source, file.length)).equals(file));
    await source.finish?.();
  } finally {
    await source.close();
  }
  return source;
}

async function leavePartial(end = megabyte): Promise<number> {
  const source = await open();
  await readUpTo(source, end);
  await source.close();
  const [entry] = await cache.list(folder);
  assert.ok(entry && !entry.complete && entry.stored >= end && entry.size === file.length);
  server.requests.length = 0;
  server.headers.length = 0;
  return entry.stored;
}

const dataPath = (): string => join(folder, entryName(cacheKey(url)), 'model.gguf');

test('the second time nothing is asked of the server', async () => {
  const seen: DownloadProgress[] = [];
  assert.notEqual((await load()).fromCache, true);
  assert.equal((await load({ onProgress: (progress) => seen.push(progress) })).fromCache, true);
  assert.equal(seen.at(-1)?.fromCache, true);
  assert.equal(seen.at(-1)?.file, 'model.gguf');
  assert.deepEqual(server.requests, ['GET /some/model.gguf']);
  const [entry, ...others] = await cache.list(folder);
  assert.equal(others.length, 0);
  assert.ok(entry && Date.now() - entry.time.getTime() < 60_000);
  const { key, size, stored, complete } = entry;
  assert.deepEqual(
    { key, size, stored, complete },
    { key: url, size: file.length, stored: file.length, complete: true },
  );
  assert.equal(await cache.size(folder), file.length);
  assert.ok((await readFile(dataPath())).equals(file), 'the bytes are a file that others can use');
});

test('without the option nothing is kept', async () => {
  await load({ cache: false });
  await load({ cache: undefined });
  assert.deepEqual(await cache.list(folder), []);
});

test('an entry is deleted by its URL or key', async () => {
  await load();
  assert.equal(await cache.delete(`${url}.other`, folder), false);
  assert.equal(await cache.delete(`${url}?token=abc#x`, folder), true);
  assert.equal(await cache.delete(url, folder), false);
  assert.deepEqual(await cache.list(folder), []);
  assert.deepEqual(await readdir(folder), []);
  await load();
  assert.equal(server.requests.length, 2);
});

test('no secret is in a key or on the disk', async () => {
  const secrets = 'token=s3cret&X-Amz-Signature=s3cret&api_key=s3cret';
  url = `${url.replace('//', '//s3cret:s3cret@')}?file=a&${secrets}`;
  try {
    // Credentials in a URL are refused by fetch.
    await load({ token: 's3cret', fetch: (to, init) => fetch(String(to).replace('s3cret:s3cret@', ''), init) });
    const [entry] = await cache.list(folder);
    assert.equal(entry?.key, `${server.origin}/some/model.gguf?file=a`);
    for (const name of await readdir(join(folder, entryName(entry.key)))) {
      if (name.endsWith('.json'))
        assert.doesNotMatch(await readFile(join(folder, entryName(entry.key), name), 'utf8'), /s3cret/);
    }
  } finally {
    url = `${server.origin}/some/model.gguf`;
  }
});

test('what was cut off is gone on with, by Range and ETag', async () => {
  const stored = await leavePartial();
  await load();
  assert.deepEqual(server.requests, [`GET /some/model.gguf bytes=${stored}-`]);
  assert.equal(server.headers[0]?.['if-range'], '"one"');
  assert.equal((await load()).fromCache, true);
});

test('so it is after all retries have failed', async () => {
  server.answer = (_, index) => (index === 0 ? { cutAfter: megabyte } : { status: 503 });
  await assert.rejects(load({ retries: 1 }), { code: 'network' });
  server.requests.length = 0;
  server.answer = () => ({});
  await load();
  assert.match(server.requests[0] ?? '', /bytes=\d{6,}-$/);
});

test('so it is where nothing but the end is missing', async () => {
  const source = await open();
  await readUpTo(source, file.length);
  await source.close();
  assert.equal((await cache.list(folder))[0]?.complete, false);
  await load();
  assert.equal((await load()).fromCache, true);
});

test('a file that has changed since is fetched anew', async () => {
  for (const answer of [{ headers: { etag: '"two"' } }, { headers: { etag: '"two"' }, ranges: false }]) {
    await leavePartial();
    server.answer = () => answer;
    await load();
    assert.equal((await load()).fromCache, true);
    await cache.delete(url, folder);
    server.answer = () => ({});
  }
});

test('without Range the rest is read past what is there', async () => {
  await leavePartial();
  server.answer = () => ({ ranges: false });
  await load();
  assert.equal((await load()).fromCache, true);
});

test('where no header tells whether it is the same file, it is fetched anew, unless its hash is known', async () => {
  server.answer = () => ({ headers: { etag: undefined, 'accept-ranges': undefined } });
  await leavePartial();
  await load();
  assert.deepEqual(server.requests, ['GET /some/model.gguf']);
  await cache.delete(url, folder);
  const stored = await leavePartial();
  await load({ sha256 });
  assert.deepEqual(server.requests, [`GET /some/model.gguf bytes=${stored}-`]);
});

test('a date does in the place of an ETag', async () => {
  server.answer = () => ({ headers: { etag: undefined, 'last-modified': 'Mon, 05 Oct 2026 10:00:00 GMT' } });
  const stored = await leavePartial();
  await load();
  assert.deepEqual(server.requests, [`GET /some/model.gguf bytes=${stored}-`]);
});

test('the signal keeps what is there', async () => {
  const controller = new AbortController();
  server.answer = () => ({ stallAfter: megabyte });
  const reading = load({ signal: controller.signal });
  setTimeout(() => {
    controller.abort();
  }, 100);
  await assert.rejects(reading, { code: 'cancelled' });
  const [entry] = await cache.list(folder);
  assert.ok(entry && entry.stored > 900_000 && !entry.complete);
  server.answer = () => ({});
  await load();
  assert.match(server.requests[1] ?? '', /bytes=\d{6,}-$/);
});

test('a damaged entry is fetched anew', async () => {
  const damages = [
    () => truncate(dataPath(), 1000),
    () => rm(dataPath()),
    () => writeFile(join(dataPath(), '..', 'entry.json'), '{"key": 5}'),
    () => writeFile(join(dataPath(), '..', 'entry.json'), 'not JSON'),
  ];
  for (const damage of damages) {
    await load();
    await damage();
    server.requests.length = 0;
    assert.notEqual((await load()).fromCache, true);
    assert.equal(server.requests.length, 1);
    assert.equal((await load()).fromCache, true);
  }
});

test('verify finds what the size does not show', async () => {
  await load({ sha256 });
  assert.equal((await cache.list(folder))[0]?.sha256, sha256);
  assert.equal((await load({ verify: true })).fromCache, true);
  await writeFile(dataPath(), file.with(5000, (file[5000] ?? 0) ^ 1));
  assert.notEqual((await load({ verify: true })).fromCache, true);
  assert.equal((await load({ verify: true })).fromCache, true);
});

test('the hash of a download is checked', async () => {
  await load({ sha256: sha256.toUpperCase() });
  await cache.delete(url, folder);
  server.answer = () => ({ body: file.with(5000, (file[5000] ?? 0) ^ 1) });
  for (const cached of [true, false]) {
    const source = await open({ sha256, cache: cached });
    await readUpTo(source, file.length);
    await assert.rejects(source.finish?.() ?? Promise.resolve(), { code: 'integrity', message: /its SHA-256 is/ });
    await source.close();
  }
  assert.deepEqual(await cache.list(folder), [], 'nothing of it is kept');
});

test('another hash than the entry’s makes it another file', async () => {
  await load();
  assert.equal((await load({ sha256 })).fromCache, true);
  await assert.rejects(load({ sha256: 'a'.repeat(64) }), { code: 'integrity' });
});

test('the hash that a server names is checked', async () => {
  server.answer = () => ({ headers: { 'x-linked-etag': `"${sha256}"` } });
  await load();
  assert.equal((await cache.list(folder))[0]?.sha256, sha256);
  await cache.delete(url, folder);
  server.answer = () => ({ headers: { 'x-linked-etag': `"${'b'.repeat(64)}"` } });
  await assert.rejects(load(), { code: 'integrity' });
});

test('a hash covers also what an earlier download left', async () => {
  await leavePartial();
  await writeFile(dataPath(), (await readFile(dataPath())).fill(0, 0, 10));
  const source = await open({ sha256 });
  await readUpTo(source, file.length);
  await assert.rejects(source.finish?.() ?? Promise.resolve(), { code: 'integrity' });
  await source.close();
});

test('two loads at once: one is written, both are whole', async () => {
  server.answer = () => ({ pause: 1 });
  await Promise.all([load(), load(), load()]);
  assert.equal(server.requests.length, 3);
  assert.equal((await load()).fromCache, true);
});

test('an entry that is being written is busy', async () => {
  const source = await open();
  await assert.rejects(cache.delete(url, folder), { code: 'busy' });
  await source.close();
  assert.equal(await cache.delete(url, folder), true);
});

test('two processes at once, and what a killed one leaves is gone on with at once', async () => {
  const storage = await openDisk(folder);
  assert.ok(storage);
  const claim = await Claim.take(storage, cacheKey(url));
  assert.ok(claim);
  assert.equal(await Claim.take(storage, cacheKey(url)), undefined);
  await claim.close();

  // A process that is gone.
  const child = spawn(process.execPath, ['--eval', '']);
  const [pid] = [child.pid];
  await once(child, 'exit');
  const entry = join(folder, entryName(cacheKey(url)));
  const { hostname } = await import('node:os');
  await mkdir(entry, { recursive: true });
  const lock = join(entry, 'lock');
  await writeFile(lock, `${pid ?? 0} ${hostname()} 1`);
  const taken = await Promise.all([1, 2, 3].map(() => Claim.take(storage, cacheKey(url))));
  assert.equal(taken.filter((each) => each !== undefined).length, 1);
  for (const each of taken) await each?.close();

  // One of another machine, which shares the disk: alive while its lock is touched.
  await mkdir(entry, { recursive: true });
  await writeFile(lock, '1 elsewhere 1');
  assert.equal(await Claim.take(storage, cacheKey(url)), undefined);
  const past = new Date(Date.now() - 120_000);
  await utimes(lock, past, past);
  const late = await Claim.take(storage, cacheKey(url));
  assert.ok(late);
  await late.close();
  await assert.rejects(stat(lock), { code: 'ENOENT' });
});

test('a folder that cannot be is an error if it was asked for', async () => {
  await writeFile(join(folder, 'file'), '');
  await assert.rejects(open({ cacheFolder: join(folder, 'file') }), { code: 'io', message: /the cache cannot be in/ });
});

test('the default folder is named by the environment', async () => {
  process.env['WASM_CHORD_CACHE'] = join(folder, 'own');
  try {
    const source = await openSource(url, { cache: true });
    await source.finish?.();
    await source.close();
    assert.equal((await cache.list()).length, 1);
    assert.equal(await cache.size(join(folder, 'own')), file.length);
  } finally {
    delete process.env['WASM_CHORD_CACHE'];
  }
});
