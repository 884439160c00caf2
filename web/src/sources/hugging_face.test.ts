import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { flakyServer } from '../../test/flaky_server.js';
import type { FlakyServer } from '../../test/flaky_server.js';
import { cache } from '../cache/index.js';
import { openSource } from './open.js';
import type { SourceOptions } from './options.js';
import type { HuggingFaceSource } from './source.js';

const file = Uint8Array.from({ length: 100_000 }, (_, index) => index % 253);
const sha256 = createHash('sha256').update(file).digest('hex');
const resolvePath = '/owner/name/resolve/main/a%20folder/model.gguf';
let hub: FlakyServer;
let storage: FlakyServer;
let cacheFolder = '';
/** What the hub says of the file's hash, where it redirects to the bytes and when it is asked. */
let linked: string | undefined;
let stored: string | undefined;

before(async () => {
  hub = await flakyServer(file);
  storage = await flakyServer(file);
  cacheFolder = await mkdtemp(join(tmpdir(), 'chord-hub-'));
});
after(async () => {
  hub.close();
  storage.close();
  await rm(cacheFolder, { recursive: true });
});
beforeEach(() => {
  linked = sha256;
  stored = sha256;
  for (const server of [hub, storage]) {
    server.requests.length = 0;
    server.headers.length = 0;
  }
  storage.answer = () => ({});
  hub.answer = ({ method, url = '' }) => {
    if (method === 'POST' && url === '/api/models/owner/name/paths-info/main') {
      const answer = [
        { type: 'file', path: 'a folder/model.gguf', ...(stored !== undefined && { lfs: { oid: stored } }) },
      ];
      return { ranges: false, body: Buffer.from(JSON.stringify(answer)) };
    }
    if (url !== resolvePath) return { status: 404 };
    const etag = linked === undefined ? {} : { 'x-linked-etag': `"${linked}"` };
    return { status: 302, headers: { location: `${storage.origin}/bytes?signature=secret`, ...etag } };
  };
});

async function load(options: SourceOptions = {}, source: Partial<HuggingFaceSource> = {}): Promise<void> {
  const where = { repo: 'owner/name', file: 'a folder/model.gguf', endpoint: `${hub.origin}/`, ...source };
  const opened = await openSource(where, { retryDelay: 1, ...options });
  try {
    const bytes = new Uint8Array(file.length);
    for (let done = 0; done < bytes.length;) done += await opened.read(done, bytes.subarray(done));
    assert.deepEqual(bytes, file);
    await opened.finish?.();
  } finally {
    await opened.close();
  }
}

test('a file of a repository, with a token that stays with the hub', async () => {
  await load({ token: 'secret' });
  assert.deepEqual(hub.requests, [`GET ${resolvePath}`]);
  assert.equal(hub.headers[0]?.authorization, 'Bearer secret');
  assert.deepEqual(storage.requests, ['GET /bytes?signature=secret']);
  assert.equal(storage.headers[0]?.authorization, undefined);
});

test('its hash is checked, wherever it is told', async () => {
  linked = 'a'.repeat(64);
  await assert.rejects(load(), { code: 'integrity', message: /its SHA-256 is/ });
  linked = undefined;
  hub.requests.length = 0;
  await load({ token: 'secret' });
  assert.deepEqual(hub.requests, [`GET ${resolvePath}`, 'POST /api/models/owner/name/paths-info/main']);
  assert.equal(hub.headers.at(-1)?.authorization, 'Bearer secret');
  stored = 'b'.repeat(64);
  await assert.rejects(load(), { code: 'integrity' });
  stored = undefined;
  await load();
});

test('from the cache nothing is asked, and the key has no token', async () => {
  await load({ cache: true, cacheFolder, token: 'secret' });
  hub.requests.length = 0;
  await load({ cache: true, cacheFolder, token: 'secret' });
  assert.deepEqual(hub.requests, []);
  const [entry] = await cache.list(cacheFolder);
  assert.equal(entry?.key, `${hub.origin}${resolvePath}`);
  assert.equal(entry.sha256, sha256);
});

test('another revision is another file', async () => {
  await assert.rejects(load({}, { revision: 'v1/2' }), { code: 'network', message: /resolve\/v1%2F2\/.*404/ });
});

test('what is no repository', async () => {
  for (const source of [{ repo: 'a/b/c' }, { repo: '' }, { file: '' }, { file: '../x' }, { repo: 'https://x/y' }]) {
    await assert.rejects(load({}, source), { code: 'invalid_argument', message: /owner\/name/ });
  }
});
