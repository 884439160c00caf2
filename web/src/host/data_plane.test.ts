import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fakeFile } from '../../test/fakes.js';
import { Core } from './core.js';
import { DataPlane } from './data_plane.js';
import type { CreateMemory } from './data_plane.js';
import { feedBufferAtOnce } from './loading.js';
import { Model } from './model.js';

const compile = async (name: string): Promise<WebAssembly.Module> =>
  WebAssembly.compile(await readFile(`../build/web-tests/${name}.wasm`));
const table = (): WebAssembly.Table => new WebAssembly.Table({ element: 'anyfunc', initial: 1 });
// An engine that has 100 pages and no more.
const smallEngine: CreateMemory = ({ initial }) => new WebAssembly.Memory({ initial: Number(initial), maximum: 100 });

test('the memory has the room asked for, and grows', async () => {
  const plane = new DataPlane({ kernels: await compile('kernels'), variant: 'simd128' });
  assert.equal(plane.byteLength, 0);
  const functions = table();
  const opened = plane.open(10_000_000, functions);
  assert.ok(opened.granted);
  assert.ok(opened.size - opened.heapBase >= 10_000_000n);
  assert.equal(typeof functions.get(opened.run), 'function');
  const views = plane.views;
  views.bytes[10] = 7;
  assert.equal(plane.grow(100), plane.byteLength);
  const size = plane.grow(20_000_000);
  assert.ok(size >= 20_000_000 && size === plane.byteLength);
  assert.equal(views.bytes.length, size);
  assert.equal(views.bytes[10], 7);
  assert.equal(plane.grow(2 ** 33), 0);
});

test('a refused memory says how much there was', async () => {
  const modules = { kernels: await compile('kernels'), variant: 'simd128' };
  const small = new DataPlane(modules, smallEngine);
  const opened = small.open(10_000_000, table());
  assert.equal(opened.granted, false);
  assert.equal(opened.size, BigInt(96 * 65536));

  const none = new DataPlane(modules, () => {
    throw new RangeError('no address space');
  });
  assert.deepEqual(none.open(1, table()), {
    granted: false,
    heapBase: 0n,
    size: 0n,
    limit: 0n,
    run: 0,
    threads: 0,
  });
});

test('a model that does not fit is out_of_memory, and its instance lives on', async () => {
  const modules = { control: await compile('control'), kernels: await compile('kernels'), variant: 'simd128' };
  const core = new Core(modules, smallEngine);
  const bytes = fakeFile(10_000_000);
  const model = new Model(core, bytes.length);
  feedBufferAtOnce(model, bytes);
  assert.throws(
    () => {
      model.place();
    },
    { code: 'out_of_memory' },
  );
  assert.equal(model.architecture, 'fake');
});

test('weights land in the data plane, also from a file of unknown size', async () => {
  const modules = { control: await compile('control'), kernels: await compile('kernels'), variant: 'test' };
  const core = new Core(modules);
  const bytes = fakeFile(300_000);
  const model = new Model(core, bytes.length);
  feedBufferAtOnce(model, bytes);
  model.place();
  const [first] = [model.want()];
  assert.equal(first?.offset, 8);
  assert.equal(first.target.length, 65536);
  feedBufferAtOnce(model, bytes);
  assert.equal(model.kernels, 'test');
  const placed = core.data.views.bytes;
  const at = placed.findIndex(
    (_, index) => index % 8 === 0 && placed[index] === bytes[8] && placed[index + 1] === bytes[9],
  );
  assert.ok(at >= 0);
  assert.deepEqual(placed.slice(at, at + bytes.length - 8), bytes.slice(8));
});
