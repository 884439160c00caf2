import assert from 'node:assert/strict';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { serve } from '../../tools/serve.mjs';
import { openSource } from './open.js';
import type { ByteSource } from './source.js';
import { openUrl } from './url.js';

const file = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 7) % 256);
const requests: string[] = [];
let path = '';
let withRange = '';
let withoutRange = '';
const closers: (() => void)[] = [];

before(async () => {
  const root = await mkdtemp(join(tmpdir(), 'chord-sources-'));
  path = join(root, 'a model.bin');
  await writeFile(path, file);
  for (const ranges of [true, false]) {
    const onRequest = (method: string | undefined, _: string, range: string | undefined): void => {
      requests.push(`${method ?? ''} ${range ?? ''}`.trim());
    };
    const { server, origin } = await serve({ root, ranges, onRequest });
    closers.push(() => {
      server.closeAllConnections();
      server.close();
    });
    if (ranges) withRange = `${origin}/a%20model.bin`;
    else withoutRange = `${origin}/a%20model.bin`;
  }
});

after(() => {
  for (const close of closers) close();
});

// Reads [offset, offset + length) in however many pieces it comes, less at the end of the file.
async function read(source: ByteSource, offset: number, length: number): Promise<Uint8Array> {
  const target = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const count = await source.read(offset + done, target.subarray(done));
    if (count === 0) break;
    done += count;
  }
  return target.subarray(0, done);
}

async function checkForwards(source: ByteSource): Promise<void> {
  assert.equal(source.size, file.length);
  assert.deepEqual(await read(source, 0, 10), file.slice(0, 10));
  assert.deepEqual(await read(source, 10, 100_000), file.slice(10, 100_010));
  assert.deepEqual(await read(source, 200_001, 50_000), file.slice(200_001, 250_001));
  assert.deepEqual(await read(source, 250_001, 100_000), file.slice(250_001));
  assert.equal(await source.read(file.length, new Uint8Array(1)), 0);
  await source.close();
}

test('every kind of source is read from front to back', async () => {
  const sources = [
    file,
    file.buffer,
    new Blob([file]),
    { size: file.length, read: (offset: number, length: number) => file.slice(offset, offset + length) },
    {
      size: file.length,
      // A few bytes at a time, and later.
      read: (offset: number, length: number) =>
        Promise.resolve(file.slice(offset, Math.min(offset + 9999, offset + length)).buffer),
    },
    path,
    pathToFileURL(path),
    withRange,
    new URL(withoutRange),
  ];
  for (const source of sources) await checkForwards(await openSource(source, {}));
});

test('a server is asked once for a file that is read forwards', async () => {
  for (const url of [withRange, withoutRange]) {
    requests.length = 0;
    await checkForwards(await openUrl(url, {}));
    assert.deepEqual(requests, ['GET']);
  }
});

test('what has passed is not read again', async () => {
  const source = await openUrl(withRange, {});
  await read(source, 0, 200_000);
  await assert.rejects(read(source, 5, 1000), { code: 'source_consumed' });
  await source.close();
});

test('a server that does not tell the size, or tells that of a compressed transfer', async () => {
  for (const headers of [{}, { 'content-encoding': 'gzip', 'content-length': '10' }]) {
    const source = await openUrl('http://x/', { fetch: () => Promise.resolve(new Response(file, { headers })) });
    assert.equal(source.size, undefined);
    assert.deepEqual(await read(source, 0, file.length + 1), file);
  }
});

test('a body of bytes is read into one buffer', async () => {
  let position = 0;
  const body = new ReadableStream({
    type: 'bytes',
    pull: ({ byobRequest }) => {
      const view = byobRequest?.view;
      assert.ok(view);
      const count = Math.min(view.byteLength, 4099, file.length - position);
      new Uint8Array(view.buffer, view.byteOffset).set(file.subarray(position, position + count));
      position += count;
      byobRequest.respond(count);
    },
  });
  const source = await openUrl('http://x/', { fetch: () => Promise.resolve(new Response(body)) });
  assert.deepEqual(await read(source, 0, file.length), file);
  await source.close();
});

test('a body that gives pieces of its own', async () => {
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      for (let at = 0; at < file.length; at += 1000) controller.enqueue(file.slice(at, at + 1000));
      controller.close();
    },
  });
  assert.throws(() => body.getReader({ mode: 'byob' }));
  const source = await openUrl('http://x/', { fetch: () => Promise.resolve(new Response(body)) });
  assert.deepEqual(await read(source, 0, file.length + 1), file);
  assert.equal(await source.read(file.length, new Uint8Array(1)), 0);
});

test('what cannot be opened', async () => {
  await assert.rejects(openSource(`${withRange}.not`, {}), { code: 'network', message: /HTTP status 404/ });
  await assert.rejects(openSource(`${path}.not`, {}), { code: 'io', message: /ENOENT/ });
  await assert.rejects(openSource('llama:7b.gguf', {}), { code: 'invalid_argument', message: /^llama:7b\.gguf: / });
  await assert.rejects(openSource(withRange, { signal: AbortSignal.abort() }), { code: 'cancelled' });
});

test('what is no source is an invalid_argument', async () => {
  for (const source of [undefined, null, 5, {}, { size: 5 }]) {
    await assert.rejects(
      async () => {
        await Reflect.apply(openSource, undefined, [source, {}]);
      },
      { code: 'invalid_argument' },
    );
  }
  const tooMuch = await openSource({ size: 10, read: () => new Uint8Array(11) }, {});
  await assert.rejects(read(tooMuch, 0, 10), { code: 'invalid_argument', message: /11 bytes instead of 10/ });
});
