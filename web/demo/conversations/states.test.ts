import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { ChordError, load } from 'wasm-chord';
import { States } from './states.js';

const MB = 2 ** 20;
const engine = await load('../models/chord-tiny/chord-tiny-q8_0.gguf', { device: 'cpu', threads: 1 });
const session = engine.session();
after(() => engine.dispose());

/** Keeps sizes under names; "bad" cannot be loaded, "full" not be saved. */
class FakeStore {
  readonly kept = new Map<string, { size: number; time: Date }>();
  readonly calls: string[] = [];

  list = () => Promise.resolve([...this.kept].map(([name, { size, time }]) => ({ name, size, time })));
  save = (name: string) => {
    this.calls.push(`save ${name}`);
    if (name === 'full') return Promise.reject(new ChordError('quota', 'no room'));
    this.kept.set(name, { size: 200 * MB, time: new Date(this.calls.length) });
    return Promise.resolve();
  };
  load = (name: string) => {
    if (name === 'bad') return Promise.reject(new ChordError('invalid_session', 'of another model'));
    return Promise.resolve(this.kept.has(name) ? session : undefined);
  };
  delete = (name: string) => {
    this.calls.push(`delete ${name}`);
    return Promise.resolve(this.kept.delete(name));
  };
}

test('the oldest give way, and what is larger than all may be is not kept', async () => {
  const store = new FakeStore();
  const states = new States(() => Promise.resolve(store));
  for (const name of ['a', 'b', 'a', 'c']) await states.keep(session, name, 200 * MB);
  assert.deepEqual([...store.kept.keys()], ['a', 'c']);
  await states.keep(session, 'd', 112 * MB);
  assert.deepEqual([...store.kept.keys()], ['a', 'c', 'd']);
  await states.keep(session, 'a', 600 * MB);
  assert.deepEqual([...store.kept.keys()], []);
});

test('what is of no use is deleted, and what goes wrong is no error', async () => {
  const store = new FakeStore();
  const states = new States(() => Promise.resolve(store));
  store.kept.set('bad', { size: 1, time: new Date(0) });
  assert.equal(await states.restore(engine, 'bad'), undefined);
  assert.deepEqual([...store.kept.keys()], []);
  await states.keep(session, 'full', 1);
  void states.keep(session, 'a', 1);
  assert.equal(await states.restore(engine, 'a'), session);
  await states.forget('a');
  assert.equal(await states.restore(engine, 'a'), undefined);
  await new States(() => Promise.reject(new Error('no script'))).forget('a');
});
