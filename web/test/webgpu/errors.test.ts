// What keeps a model off the GPU, and what happens when the GPU goes wrong.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { estimate, load } from '../../src/index.js';
import { ChordError } from '../../src/errors.js';
import { WasmModel } from '../../src/wasm_model.js';
import type { LoadOptions } from '../../src/wasm_model.js';
import { answers, readReferences, textOf } from '../references.js';
import { flakyServer } from '../flaky_server.js';
import { tinyEncoder } from '../tiny_encoder.js';
import { initWebgpu } from './device.js';

const path = '../models/chord-tiny/chord-tiny-q8_0.gguf';
const [reference = assert.fail()] = answers(readReferences('../'));
const onGpu: LoadOptions = { device: 'webgpu', softwareAdapter: true, contextLength: 64 };

const assets = pathToFileURL('dist/node-webgpu/');

let dawn: GPU;
before(async () => {
  await initWebgpu();
  dawn = navigator.gpu;
});

type Overrides<T> = Partial<Record<keyof T, unknown>>;

/** `target` with some members in the place of its own. */
function withMembers<T extends object>(target: T, members: Overrides<T>): T {
  return new Proxy(target, {
    get: (_, key) => {
      if (Object.hasOwn(members, key)) return Reflect.get(members, key);
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (...args: unknown[]): unknown => Reflect.apply(value, target, args) : value;
    },
  });
}

/** Makes `requestAdapter` answer with Dawn's adapter as `change` leaves it. */
function install(change: (adapter: GPUAdapter) => GPUAdapter | null): void {
  const gpu = {
    requestAdapter: async () => {
      const adapter = await dawn.requestAdapter();
      return adapter && change(adapter);
    },
  };
  Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true });
}

function withDevice(change: (device: GPUDevice) => GPUDevice): void {
  install((adapter) =>
    withMembers(adapter, {
      requestDevice: async (descriptor: GPUDeviceDescriptor) => change(await adapter.requestDevice(descriptor)),
    }),
  );
}

function hasCode(code: string, message = /./): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ChordError);
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  };
}

async function textFrom(model: WasmModel): Promise<string> {
  model.set_config(reference.greedy_ids.length, 0, 1, 0, 1);
  let text = '';
  for await (const piece of model.generate_async(reference.prompt)) text += piece;
  return text;
}

/** The GPU is refused for a reason; `auto` then runs on the CPU and says so. */
async function expectRefusal(code: string, message: RegExp, softwareAdapter = true): Promise<void> {
  await assert.rejects(WasmModel.load(path, { ...onGpu, softwareAdapter }), hasCode(code, message));
  const model = await WasmModel.load(path, { ...onGpu, softwareAdapter, device: 'auto' });
  const { device, device_reason } = model.get_model_info();
  assert.equal(device, 'cpu');
  assert.match(device_reason, message);
  await assert.rejects(model.init_gpu_async({ softwareAdapter }), hasCode(code, message));
  assert.equal(await textFrom(model), textOf(reference));
  model.free();
}

test('no WebGPU', async () => {
  Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true });
  assert.equal(WasmModel.is_gpu_available(), false);
  await expectRefusal('gpu_unavailable', /no WebGPU/);
});

test('a software adapter that nobody asked for', async () => {
  install((adapter) => adapter);
  assert.equal(WasmModel.is_gpu_available(), true);
  await expectRefusal('gpu_software_adapter', /SwiftShader/, false);
});

test('a limit that is too small', async () => {
  install((adapter) =>
    withMembers(adapter, { limits: withMembers(adapter.limits, { maxComputeWorkgroupStorageSize: 8192 }) }),
  );
  await expectRefusal('gpu_limit', /maxComputeWorkgroupStorageSize.* 8192.* 16384/);
});

test('a device that is refused', async () => {
  install((adapter) => withMembers(adapter, { requestDevice: () => Promise.reject(new Error('out of luck')) }));
  await expectRefusal('gpu_device_failed', /out of luck/);
});

test('a kernel that computes wrong results', async () => {
  withDevice((device) =>
    withMembers(device, {
      createShaderModule: ({ code }: GPUShaderModuleDescriptor) =>
        device.createShaderModule({ code: code.replace('0x03030303u))<<vec4u(4u)', '0x03030303u))<<vec4u(3u)') }),
    }),
  );
  await expectRefusal('gpu_self_test_failed', /matvec_serial of q6_k|matvec of q6_k|embed of q6_k/);
});

test('small bindings: tensors are split by rows, and what cannot be split is refused with both numbers', async () => {
  const limited = (bytes: number): void => {
    withDevice((device) =>
      withMembers(device, { limits: withMembers(device.limits, { maxStorageBufferBindingSize: bytes }) }),
    );
  };
  limited(300_000);
  const model = await WasmModel.load(path, { ...onGpu, contextLength: 32 });
  assert.equal(await textFrom(model), textOf(reference));
  model.free();
  limited(20_000);
  await assert.rejects(WasmModel.load(path, onGpu), hasCode('out_of_memory', /bytes .* holds 20000/));
});

test('free() destroys every buffer; there are as many as estimated, no more as a session goes on, and it reads back seldom', async (t) => {
  const alive = new Set<GPUBuffer>();
  let readbacks = 0;
  withDevice((device) =>
    withMembers(device, {
      createBuffer: (descriptor: GPUBufferDescriptor) => {
        const buffer = device.createBuffer(descriptor);
        alive.add(buffer);
        const destroy = buffer.destroy.bind(buffer);
        const mapAsync = buffer.mapAsync.bind(buffer);
        buffer.mapAsync = (...range) => {
          readbacks += 1;
          return mapAsync(...range);
        };
        buffer.destroy = () => {
          alive.delete(buffer);
          destroy();
        };
        return buffer;
      },
    }),
  );
  const model = await WasmModel.load(path, onGpu);
  // A GPU that takes no time, so that how many steps go together does not depend on any.
  t.mock.method(performance, 'now', () => 0);
  await textFrom(model);
  const count = alive.size;
  readbacks = 0;
  await textFrom(model);
  t.mock.restoreAll();
  // The prompt, the step with which the session agrees, and two and four together.
  assert.deepEqual([reference.greedy_ids.length, readbacks], [8, 4]);
  assert.equal(alive.size, count);
  // What the header told beforehand.
  const { kv_cache, scratch } = model.get_model_info().memory;
  const storage = [...alive].filter(({ usage }) => (usage & 128) !== 0).reduce((sum, { size }) => sum + size, 0);
  const { gpu } = await estimate(path, { contextLength: 64, softwareAdapter: true, assets });
  assert.deepEqual([gpu.memory?.kvCache, gpu.memory?.scratch, gpu.memory?.total], [kv_cache, scratch, storage]);
  model.free();
  assert.equal(alive.size, 0);
});

test('a device that is lost in mid-generation', async () => {
  let lost: GPUDevice | undefined;
  withDevice((device) => (lost = device));
  const model = await WasmModel.load(path, onGpu);
  const stream = model.generate_async(reference.prompt);
  await stream.next();
  const waiting = stream.next();
  lost?.destroy();
  await assert.rejects(
    waiting.then(() => stream.next()),
    hasCode('gpu_lost'),
  );
  assert.throws(() => model.generate_async('a'), hasCode('closed'));
  const again = await WasmModel.load(path, onGpu);
  assert.equal(await textFrom(again), textOf(reference));
  again.free();
});

test('an error that WebGPU reports ends the generation', async () => {
  let broken: GPUDevice | undefined;
  withDevice((device) => (broken = device));
  const model = await WasmModel.load(path, onGpu);
  const stream = model.generate_async(reference.prompt);
  await stream.next();
  broken?.createBuffer({ size: 16, usage: 3 });
  await assert.rejects(
    async () => {
      for (;;) if ((await stream.next()).done) return;
    },
    hasCode('internal', /WebGPU/),
  );
});

test('an engine whose GPU is lost answers the next call, on the CPU where the GPU does not come back', async () => {
  let lost: GPUDevice | undefined;
  withDevice((device) => (lost = device));
  const engine = await load(path, { device: 'auto', softwareAdapter: true, contextLength: 64, worker: false, assets });
  assert.equal(engine.info.device, 'webgpu');
  const settings = { temperature: 0, maxTokens: reference.greedy_ids.length };
  const run = async (): Promise<void> => {
    for await (const { text } of engine.generate(reference.prompt, settings)) if (text !== '') lost?.destroy();
  };
  await assert.rejects(run, hasCode('gpu_lost'));
  install((adapter) => withMembers(adapter, { requestDevice: () => Promise.reject(new TypeError('no more')) }));
  assert.equal(await engine.generate(reference.prompt, settings).text(), textOf(reference));
  assert.equal(engine.info.device, 'cpu');
  assert.match(engine.info.deviceReason, /no more/);
  await engine.dispose();
});

test('a model for the CPU does not touch the GPU', async () => {
  let touched = 0;
  const gpu = { requestAdapter: () => Promise.resolve(void (touched += 1)) };
  Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true });
  const model = await WasmModel.load(path, { ...onGpu, device: 'cpu' });
  assert.equal(await textFrom(model), textOf(reference));
  model.free();
  assert.equal(touched, 0);
});

test('an engine takes the GPU for embeddings, and an abort stops them', async () => {
  install((adapter) => adapter);
  const engine = await load(tinyEncoder(), { device: 'auto', softwareAdapter: true, worker: false, assets });
  assert.deepEqual([engine.info.device, engine.info.generates], ['webgpu', false]);
  const controller = new AbortController();
  const texts = Array.from({ length: 2000 }, () => 'a cat');
  const work = engine.embed(texts, { signal: controller.signal });
  setTimeout(() => {
    controller.abort();
  }, 20);
  await assert.rejects(work, hasCode('cancelled'));
  assert.equal((await engine.embed('a cat')).length, 1);
  await engine.dispose();
});

const shortHeads = '../../shared/archs/qwen2.gguf';
test(
  'keys and values that the GPU cannot store so are a reason for the CPU',
  { skip: !existsSync(shortHeads) },
  async () => {
    install((adapter) => adapter);
    const quantized = { ...onGpu, kvType: 'q8_0' } as const;
    await assert.rejects(WasmModel.load(shortHeads, quantized), hasCode('unsupported_architecture', /heads of 32/));
    const model = await WasmModel.load(shortHeads, { ...quantized, device: 'auto' });
    assert.equal(model.get_model_info().device, 'cpu');
    assert.match(model.get_model_info().device_reason, /heads of 32/);
    model.free();
  },
);

test('a file that is damaged in the cache is fetched anew, by load() and by init_gpu_async()', async () => {
  const server = await flakyServer(new Uint8Array(await readFile(path)));
  const url = `${server.origin}/model.gguf`;
  const cacheFolder = await mkdtemp(join(tmpdir(), 'chord-gpu-cache-'));
  const options = { ...onGpu, cache: true, cacheFolder };
  const moved = await WasmModel.load(url, { ...options, device: 'cpu' });
  const damage = async (): Promise<void> => {
    const names = await readdir(cacheFolder, { recursive: true });
    const entry = join(cacheFolder, names.find((name) => name.endsWith('model.gguf')) ?? assert.fail());
    const cached = await readFile(entry);
    await writeFile(entry, cached.fill(0, 0, 4)); // not a GGUF file any more
  };
  await damage();
  const healed = await WasmModel.load(url, options);
  assert.equal(healed.get_model_info().device, 'webgpu');
  healed.free();
  await damage();
  await moved.init_gpu_async({ softwareAdapter: true });
  assert.equal(moved.get_model_info().device, 'webgpu');
  const { length } = server.requests;
  moved.free();
  (await WasmModel.load(url, { ...options, device: 'cpu' })).free();
  assert.equal(server.requests.length, length, 'it is in the cache again');
  server.close();
  await rm(cacheFolder, { recursive: true });
});

// Last, because it is remembered.
test('no adapter', async () => {
  install(() => null);
  assert.equal(WasmModel.is_gpu_available(), true);
  await expectRefusal('gpu_no_adapter', /no adapter/);
  assert.equal(WasmModel.is_gpu_available(), false);
});
