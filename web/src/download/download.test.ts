import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { flakyServer } from '../../test/flaky_server.js';
import type { Answer, FlakyServer } from '../../test/flaky_server.js';
import { openSource } from '../sources/open.js';
import type { DownloadProgress, SourceOptions } from '../sources/options.js';

const megabyte = 2 ** 20;
const file = Uint8Array.from({ length: 21 * megabyte + 5 }, (_, index) => (index * 7 + (index >> 13)) % 256);
const small = file.slice(0, 700_000);
let server: FlakyServer;
let smallServer: FlakyServer;

before(async () => {
  server = await flakyServer(file);
  smallServer = await flakyServer(small);
});
after(() => {
  server.close();
  smallServer.close();
});
beforeEach(() => {
  for (const each of [server, smallServer]) {
    each.requests.length = 0;
    each.headers.length = 0;
    each.active.most = 0;
    each.answer = () => ({});
  }
});

/** So that several requests at a time are worth their while. */
function slow(): Answer {
  return { pause: 2 };
}

/** Each request is answered by the next of `answers`, and those after the last one well. */
function script(on: FlakyServer, answers: readonly Answer[]): void {
  on.answer = (_, index) => answers[index] ?? {};
}

type Options = SourceOptions & { readonly requestBytes?: number };

async function readAll(url: string, options: Options = {}, length = file.length): Promise<Uint8Array> {
  const source = await openSource(url, { retryDelay: 1, ...options });
  const target = new Uint8Array(length + 1);
  try {
    let done = 0;
    for (;;) {
      const count = await source.read(done, target.subarray(done, done + 1_000_000));
      if (count === 0) return target.subarray(0, done);
      done += count;
    }
  } finally {
    await source.close();
  }
}

function checkSmall(options: Options = {}): Promise<void> {
  return readAll(`${smallServer.origin}/m.gguf`, options, small.length).then((bytes) => {
    assert.ok(Buffer.from(bytes).equals(small));
  });
}

async function checkLarge(options: SourceOptions = {}): Promise<void> {
  assert.ok(Buffer.from(await readAll(`${server.origin}/m.gguf`, options)).equals(file));
}

test('a large file comes in ranges, several at a time, and in order', async () => {
  server.answer = slow;
  await checkLarge({ connections: 3 });
  const ranges = [6, 12, 18].map((begin) => [begin * megabyte, Math.min((begin + 6) * megabyte, file.length) - 1]);
  assert.deepEqual(server.requests, ['GET /m.gguf', ...ranges.map((range) => `GET /m.gguf bytes=${range.join('-')}`)]);
  assert.equal(server.active.most, 3);
});

test('one that comes as fast as it is read comes in one piece', async ({ mock }) => {
  mock.method(performance, 'now', () => 0);
  const asked: string[] = [];
  const fetch = (url: string | URL): Promise<Response> => {
    asked.push(String(url));
    return Promise.resolve(
      new Response(file, { headers: { 'accept-ranges': 'bytes', 'content-length': `${file.length}` } }),
    );
  };
  assert.ok(Buffer.from(await readAll('model:any', { fetch })).equals(file));
  assert.deepEqual(asked, ['model:any']);
});

test('several ranges at a time are written to the cache in order', async () => {
  const cacheFolder = await mkdtemp(join(tmpdir(), 'chord-ranges-'));
  const options = { cache: true, cacheFolder, sha256: createHash('sha256').update(file).digest('hex') };
  server.answer = slow;
  const source = await openSource(`${server.origin}/m.gguf`, options);
  await source.finish?.();
  await source.close();
  assert.equal(server.requests.length, 4);
  await checkLarge(options);
  assert.equal(server.requests.length, 4);
  await rm(cacheFolder, { recursive: true });
});

test('one connection asks once', async () => {
  server.answer = slow;
  await checkLarge({ connections: 1 });
  assert.deepEqual(server.requests, ['GET /m.gguf']);
});

test('a look at the beginning fetches no more than one part', async () => {
  const source = await openSource(`${server.origin}/m.gguf`, {});
  await source.read(0, new Uint8Array(250_000));
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.deepEqual(server.requests, ['GET /m.gguf']);
  await source.close();
});

test('requests of a given size follow each other, and a small file is one', async () => {
  const few = { connections: 1, requestBytes: 8 * megabyte };
  assert.ok(Buffer.from(await readAll(`${server.origin}/m.gguf`, few)).equals(file));
  const ranges = [0, 8, 16].map((begin) => [begin * megabyte, Math.min((begin + 8) * megabyte, file.length) - 1]);
  assert.deepEqual(
    server.requests,
    ranges.map((range) => `GET /m.gguf bytes=${range.join('-')}`),
  );
  for (const hidden of [{}, { 'content-range': undefined, 'accept-ranges': undefined, etag: undefined }]) {
    smallServer.requests.length = 0;
    smallServer.answer = () => ({ headers: hidden });
    await checkSmall(few);
    assert.deepEqual(smallServer.requests, ['GET /m.gguf bytes=0-8388607']);
  }
});

test('a server without Range is asked once', async () => {
  server.answer = () => ({ ranges: false });
  await checkLarge();
  assert.deepEqual(server.requests, ['GET /m.gguf']);
});

test('a server that says it has Range and does not', async () => {
  server.answer = () => ({ ...slow(), ranges: false, headers: { 'accept-ranges': 'bytes' } });
  await checkLarge({ connections: 2 });
  assert.equal(server.requests.length, 3);
});

test('a broken connection is taken up where it broke', async () => {
  script(smallServer, [{ cutAfter: 300_000 }, { cutAfter: 200_000 }, { cutAfter: 1 }]);
  await checkSmall();
  assert.equal(smallServer.requests.length, 4);
  const starts = smallServer.requests.slice(1).map((request) => Number(/bytes=(\d+)-/.exec(request)?.[1]));
  assert.ok(
    starts.every((start, index) => start > 0 && start > (starts[index - 1] ?? 0)),
    starts.join(),
  );
  assert.equal(smallServer.headers[1]?.['if-range'], '"one"');
});

test('so is one of several ranges', async () => {
  server.answer = (_, index) => ({ ...slow(), ...(index < 4 && { cutAfter: 3 * megabyte }) });
  await checkLarge();
  assert.equal(server.requests.length, 8);
});

test('without Range a broken connection begins anew, and what has been read is skipped', async () => {
  smallServer.answer = (_, index) => ({ ranges: false, ...(index === 0 && { cutAfter: 300_000 }) });
  await checkSmall();
  assert.equal(smallServer.requests.length, 2);
});

test('neither ETag nor size are needed for it, as where CORS hides them', async () => {
  const hidden = { etag: undefined, 'accept-ranges': undefined, 'content-range': undefined };
  smallServer.answer = (_, index) => ({ headers: hidden, ...(index === 0 && { cutAfter: 300_000 }) });
  await checkSmall();
  assert.match(smallServer.requests[1] ?? '', /bytes=\d+-$/);
  assert.equal(smallServer.headers[1]?.['if-range'], undefined);
});

test('a weak ETag is compared, and not sent', async () => {
  const headers = { etag: 'W/"one"' };
  smallServer.answer = (_, index) => ({ headers, ...(index === 0 && { cutAfter: 300_000 }) });
  await checkSmall();
  assert.equal(smallServer.headers[1]?.['if-range'], undefined);
});

test('a file that changes meanwhile is an integrity error', async () => {
  for (const ranges of [true, false]) {
    smallServer.requests.length = 0;
    script(smallServer, [
      { ranges, cutAfter: 300_000 },
      { ranges, headers: { etag: '"two"' } },
    ]);
    await assert.rejects(checkSmall(), { code: 'integrity', message: /changed on the server/ });
  }
  smallServer.requests.length = 0;
  script(smallServer, [{ cutAfter: 300_000 }, { body: file }]);
  await assert.rejects(checkSmall(), { code: 'integrity' });
});

test('what a server refuses for the moment is tried again, later each time', async () => {
  script(smallServer, [{ status: 500 }, { status: 503 }, { status: 429 }, { status: 408 }]);
  const begin = performance.now();
  await checkSmall({ retryDelay: 20 });
  assert.equal(smallServer.requests.length, 5);
  // Half of 20 + 40 + 80 + 160 at least.
  assert.ok(performance.now() - begin > 145, String(performance.now() - begin));
});

test('Retry-After is kept to, and one that is too long ends it', async () => {
  script(smallServer, [{ status: 429, headers: { 'retry-after': '1' } }]);
  const begin = performance.now();
  await checkSmall();
  assert.ok(performance.now() - begin > 990);
  smallServer.answer = () => ({ status: 503, headers: { 'retry-after': '3600' } });
  await assert.rejects(checkSmall(), { code: 'network', message: /HTTP status 503.*wait for 3600 s/ });
});

test('what it refuses for good is not', async () => {
  for (const status of [400, 401, 403, 404, 410]) {
    smallServer.requests.length = 0;
    smallServer.answer = () => ({ status });
    await assert.rejects(checkSmall(), { code: 'network', message: new RegExp(`HTTP status ${status}`) });
    assert.equal(smallServer.requests.length, 1);
  }
});

test('retries end', async () => {
  smallServer.answer = () => ({ status: 500 });
  await assert.rejects(checkSmall({ retries: 2 }), { code: 'network', message: /HTTP status 500.*3 times in a row/ });
  assert.equal(smallServer.requests.length, 3);
  // Progress starts the count anew.
  smallServer.requests.length = 0;
  smallServer.answer = () => ({ cutAfter: 100_000 });
  await checkSmall({ retries: 1 });
  assert.equal(smallServer.requests.length, 7);
  await assert.rejects(openSource('http://127.0.0.1:9/', { retryDelay: 1 }), { code: 'network', message: /2 times/ });
});

test('a connection on which nothing comes is given up', async () => {
  script(smallServer, [{ stallAfter: 300_000 }]);
  await checkSmall({ stallTimeout: 100 });
  assert.equal(smallServer.requests.length, 2);
});

test('a slow reader is not a stalled connection, and holds the server up', async () => {
  server.answer = () => ({ ranges: false });
  const source = await openSource(`${server.origin}/m.gguf`, { stallTimeout: 1000 });
  await source.read(0, new Uint8Array(1000));
  await new Promise((resolve) => setTimeout(resolve, 1500));
  let at = 1000;
  for (let count = 1; count > 0; at += count) count = await source.read(at, new Uint8Array(megabyte));
  assert.equal(at, file.length);
  assert.equal(server.requests.length, 1);
  await source.close();
});

test('the signal stops requests and pauses at once', async () => {
  // Its own server: a request that is stopped may arrive late, and others may have left a connection half open.
  const own = await flakyServer(small);
  for (const answer of [{ stallAfter: 300_000 }, { status: 500 }]) {
    own.answer = () => answer;
    const controller = new AbortController();
    const options = { signal: controller.signal, retryDelay: 60_000 };
    const reading = readAll(`${own.origin}/m.gguf`, options, small.length);
    setTimeout(() => {
      controller.abort('why');
    }, 50);
    const begin = performance.now();
    await assert.rejects(reading, { code: 'cancelled', cause: 'why' });
    assert.ok(performance.now() - begin < 1000);
  }
  for (let waited = 0; own.active.now > 0 && waited < 5000; waited += 20) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.equal(own.active.now, 0);
  own.close();
});

test('headers and token go to the own origin only', async () => {
  smallServer.answer = (request) =>
    request.url === '/away' ? { status: 302, headers: { location: `${server.origin}/m.gguf?signed=1` } } : {};
  const url = `${smallServer.origin}/away`;
  server.answer = slow;
  await readAll(url, { token: 'secret', headers: { 'x-mine': 'too' }, connections: 2 });
  assert.equal(smallServer.headers[0]?.authorization, 'Bearer secret');
  assert.equal(smallServer.headers[0]['x-mine'], 'too');
  assert.equal(smallServer.requests.length, 1, 'where it leads is asked for once');
  assert.equal(server.requests.length, 4);
  for (const headers of server.headers) {
    assert.equal(headers.authorization, undefined);
    assert.equal(headers['x-mine'], undefined);
  }
  // A signed address that has expired is asked for again.
  smallServer.requests.length = 0;
  server.requests.length = 0;
  server.answer = (_, index) => (index === 1 ? { status: 403 } : slow());
  assert.equal((await readAll(url, { connections: 2 })).length, file.length);
  assert.ok(smallServer.requests.length > 1);
});

test('a token is in no message', async () => {
  smallServer.answer = () => ({ status: 404 });
  await assert.rejects(openSource(`${smallServer.origin}/m.gguf?token=secret`, { token: 'secret' }), (error: Error) => {
    assert.doesNotMatch(error.message, /secret/);
    return true;
  });
});

test('a token that no header can have', async () => {
  for (const token of ['', 'a b', 'hf_…', 'a\n']) {
    await assert.rejects(checkSmall({ token }), { code: 'invalid_argument', message: /^the token is empty, or has/ });
  }
  assert.equal(smallServer.requests.length, 0);
});

test('redirects end', async () => {
  smallServer.answer = () => ({ status: 302, headers: { location: '/m.gguf' } });
  await assert.rejects(checkSmall(), { code: 'network', message: /10 redirects/ });
});

test('a custom fetch does the work', async () => {
  const urls: string[] = [];
  const source = await openSource('model:any', {
    fetch: (url) => {
      urls.push(String(url));
      return Promise.resolve(new Response(small));
    },
  });
  assert.equal(await source.read(0, new Uint8Array(10)), 10);
  assert.deepEqual(urls, ['model:any']);
  await source.close();
});

test('progress has bytes, rate and name', async () => {
  const seen: DownloadProgress[] = [];
  smallServer.answer = () => ({ pause: 30 });
  await checkSmall({ onProgress: (progress) => seen.push(progress) });
  assert.ok(seen.length > 2);
  const last = seen.at(-1);
  assert.ok(last && last.bytesPerSecond > 0);
  assert.ok(
    seen.every(({ loaded, bytesPerSecond, secondsLeft = 0 }) => {
      return Math.abs(secondsLeft * bytesPerSecond - (small.length - loaded)) < 1;
    }),
  );
  assert.deepEqual(
    { ...last, bytesPerSecond: 0 },
    {
      file: 'm.gguf',
      fileIndex: 0,
      fileCount: 1,
      loaded: small.length,
      total: small.length,
      bytesPerSecond: 0,
      secondsLeft: 0,
      stalledMs: 0,
      fromCache: false,
    },
  );
  assert.ok(seen.every(({ loaded }, index) => loaded > (seen[index - 1]?.loaded ?? 0)));
});

test('progress tells when nothing comes, and goes on when it does', async () => {
  const seen: DownloadProgress[] = [];
  smallServer.answer = (_, index) => (index === 0 ? { stallAfter: 300_000 } : {});
  await checkSmall({ stallTimeout: 3500, retryDelay: 1, onProgress: (progress) => seen.push(progress) });
  const stalled = seen.filter(({ stalledMs }) => stalledMs > 0);
  assert.deepEqual(
    stalled.map(({ stalledMs, loaded }) => [Math.round(stalledMs / 1000), loaded]),
    [
      [2, 300_000],
      [3, 300_000],
    ],
  );
  assert.ok(stalled.every(({ secondsLeft, bytesPerSecond }) => (secondsLeft === undefined) === (bytesPerSecond === 0)));
  assert.equal(seen.at(-1)?.stalledMs, 0);

  const mine = new Error('mine');
  smallServer.answer = () => ({ stallAfter: 300_000 });
  const onProgress = ({ stalledMs }: DownloadProgress): void => {
    if (stalledMs > 0) throw mine;
  };
  await assert.rejects(checkSmall({ onProgress }), (error) => error === mine);
});
