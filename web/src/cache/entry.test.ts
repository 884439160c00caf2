import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChordError } from '../errors.js';
import { bufferSource } from '../sources/source.js';
import { Claim, openComplete } from './entry.js';
import type { Storage } from './storage.js';

const state = { size: 250, etag: '"one"', lastModified: undefined };
const bytes = Uint8Array.from({ length: 250 }, (_, index) => index);

/** A storage in memory, with files of 100 bytes as browsers have them of 64 MB, and a limit. */
function memoryStorage(limit = Infinity): Storage & { files: Map<string, Uint8Array>; limit: number } {
  const files = new Map<string, Uint8Array>();
  const locked = new Set<string>();
  const used = (): number => [...files.values()].reduce((sum, { length }) => sum + length, 0);
  const storage = {
    files,
    limit,
    segmentBytes: 100,
    entries: () => Promise.resolve([...new Set([...files.keys()].map((path) => path.split('/')[0] ?? ''))]),
    readText: (entry: string, file: string) => {
      const text = files.get(`${entry}/${file}`);
      return Promise.resolve(text && new TextDecoder().decode(text));
    },
    writeText: (entry: string, file: string, text: string) => {
      files.set(`${entry}/${file}`, new TextEncoder().encode(text));
      return Promise.resolve();
    },
    sizeOf: (entry: string, file: string) => Promise.resolve(files.get(`${entry}/${file}`)?.length),
    open: (entry: string, names: readonly string[]) =>
      Promise.resolve(bufferSource(Buffer.concat(names.map((name) => files.get(`${entry}/${name}`) ?? bytes)))),
    writer: (entry: string, file: string, position: number) => {
      const path = `${entry}/${file}`;
      assert.equal(files.get(path)?.length ?? 0, position);
      return Promise.resolve({
        write: (piece: Uint8Array) => {
          if (used() + piece.length > storage.limit) throw new Error('full');
          files.set(path, Buffer.concat([files.get(path) ?? new Uint8Array(), piece]));
        },
        close: () => undefined,
      });
    },
    remove: (entry: string, file?: string) => {
      for (const path of [...files.keys()]) if (path.startsWith(`${entry}/${file ?? ''}`)) files.delete(path);
      return Promise.resolve();
    },
    lock: (entry: string) => {
      if (locked.has(entry)) return Promise.resolve(undefined);
      locked.add(entry);
      return Promise.resolve(() => {
        locked.delete(entry);
        return Promise.resolve();
      });
    },
    room: () => Promise.resolve(Number.isFinite(storage.limit) ? storage.limit - used() : undefined),
    isFull: (error: unknown) => error instanceof Error && error.message === 'full',
  };
  return storage;
}

async function claim(storage: Storage): Promise<Claim> {
  const taken = await Claim.take(storage, 'http://x/model');
  assert.ok(taken);
  return taken;
}

test('an entry of several files, written in two goes', async () => {
  for (const cut of [0, 1, 99, 100, 101, 199, 200, 250]) {
    const storage = memoryStorage();
    const first = await claim(storage);
    assert.equal(await first.resume(), undefined);
    await first.begin(state);
    await first.append(bytes.subarray(0, cut));
    await first.close();
    assert.equal(await openComplete(storage, first.key), undefined);

    const second = await claim(storage);
    assert.equal((await second.resume())?.etag, cut === 0 ? undefined : '"one"');
    assert.equal(second.length, cut);
    await second.begin(state);
    for (let at = cut; at < 250; at += 33) await second.append(bytes.subarray(at, Math.min(250, at + 33)));
    await second.commit(state, undefined);
    await second.close();
    const found = await openComplete(storage, first.key);
    assert.equal(found?.source.size, 250);
    const all = new Uint8Array(250);
    await found.source.read(0, all);
    assert.deepEqual(all, bytes);
    assert.equal([...storage.files.keys()].filter((path) => path.includes('model.gguf')).length, 3);
  }
});

test('an entry of another key in the same folder is none', async () => {
  const storage = memoryStorage();
  const one = await claim(storage);
  await one.begin(state);
  await one.append(bytes);
  await one.commit(state, undefined);
  await one.close();
  for (const [path, text] of storage.files) {
    if (path.endsWith('.json')) {
      storage.files.set(path, Buffer.from(Buffer.from(text).toString().replace('http://x/model', 'http://y/model')));
    }
  }
  assert.equal(await openComplete(storage, one.key), undefined);
});

test('too little room is seen before the first byte, with both numbers', async () => {
  const storage = memoryStorage(200);
  const one = await claim(storage);
  await assert.rejects(one.begin(state), {
    code: 'quota',
    message: /wants 250 more bytes for http:\/\/x\/model, and 200 are available/,
  });
  assert.equal(storage.files.size, 0);
});

test('and where it ends sooner than it was said, while writing', async () => {
  const storage = memoryStorage(500);
  const one = await claim(storage);
  await one.begin(state);
  await one.append(bytes.subarray(0, 120));
  storage.limit = 0;
  await assert.rejects(one.append(bytes.subarray(120)), (error: ChordError) => {
    assert.equal(error.code, 'quota');
    assert.match(error.message, /wants 130 more bytes/);
    return true;
  });
  await one.close();
});
