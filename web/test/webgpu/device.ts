// Models on SwiftShader, and their logits.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { create } from 'webgpu';
import { chordEvent, chordKvType, sessionOptionsSize, writeSessionOptions } from '../../src/abi/generated.js';
import { softwareToggles } from '../../src/gpu/api_node.js';
import { gpuData } from '../../src/gpu/data.js';
import { GpuHost } from '../../src/gpu/host.js';
import { Core } from '../../src/host/core.js';
import { feed } from '../../src/host/loading.js';
import { Model } from '../../src/host/model.js';
import init, { compiledModules } from '../../src/init.js';

/** Puts Dawn where an engine with WebGPU has it. */
export function installDawn(): void {
  const gpu = create([softwareToggles]);
  Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true });
}

const modules = '../build/wasm/bin/';

/** Compiles the modules of the WebGPU build, and brings WebGPU. */
export async function initWebgpu(): Promise<void> {
  installDawn();
  const [control, kernels] = await Promise.all(
    ['chord-webgpu.wasm', 'kernels-simd128.wasm'].map((name) => readFile(modules + name)),
  );
  assert.ok(control && kernels);
  await init({ control: new Uint8Array(control), kernels: new Uint8Array(kernels) });
}

async function openWith(software: boolean): Promise<GpuHost> {
  const adapter = (await navigator.gpu.requestAdapter()) ?? assert.fail();
  assert.match(adapter.info.architecture, /swiftshader/i);
  const device = await adapter.requestDevice({ requiredFeatures: ['subgroups'] });
  const { shaders } = await gpuData();
  return new GpuHost(device, { software, dot8: true, matrices: false }, shaders);
}

/** A device on SwiftShader, which must be what there is, without the self-test, which takes it a while. */
export function openSwiftShader(): Promise<GpuHost> {
  return openWith(true);
}

/** SwiftShader with the kernels of GPUs that have subgroups and dot products of bytes. */
export function openAsGpu(): Promise<GpuHost> {
  return openWith(false);
}

/** A placed model: on the GPU, or undefined: on the CPU. `blocks`: only so many of its first ones. */
export async function placedModel(path: string, gpu: GpuHost | undefined, blocks?: number): Promise<Model> {
  const core = new Core(compiledModules(), undefined, gpu);
  const bytes = await readFile(path);
  if (blocks !== undefined) {
    const key = 'llama.block_count';
    bytes.writeUInt32LE(blocks, bytes.indexOf(key) + key.length + 4);
  }
  const source = {
    size: bytes.length,
    read: (offset: number, target: Uint8Array) => Promise.resolve(bytes.copy(target, 0, offset)),
    close: () => Promise.resolve(),
  };
  const model = new Model(core, source.size);
  await feed(model, source, {});
  model.place();
  await feed(model, source, {});
  return model;
}

/** The logits of every token. */
export async function logitsOf(
  model: Model,
  tokens: readonly number[],
  { batchLength = 0, kvType = 'f32' }: { batchLength?: number; kvType?: keyof typeof chordKvType } = {},
): Promise<Float32Array[]> {
  const { core } = model;
  const { vocabSize } = model.info();
  const memory = (): DataView => core.control.data;
  const rows: Float32Array[] = [];
  const session = core.withScratch((scratch) => {
    const [out, at] = [scratch.allocate(4), scratch.allocate(sessionOptionsSize)];
    const options = {
      contextLength: Math.max(tokens.length, 8),
      batchLength,
      kvType: chordKvType[kvType],
      overflow: 0,
      keep: 0,
    };
    writeSessionOptions(memory(), at, options);
    core.check((x) => x.chord_session_new(model.address, at, out));
    return memory().getUint32(out, true);
  });
  core.withScratch((scratch) => {
    const ids = scratch.int32s(tokens);
    core.check((x) => x.chord_evaluate(session, ids, tokens.length));
  });
  for (;;) {
    const event = core.withScratch((scratch) => {
      const out = scratch.allocate(16);
      core.check((x) => x.chord_step(session, 1e9, out));
      const happened = memory().getUint32(out, true);
      if (happened !== chordEvent.logits) return happened;
      core.check((x) => x.chord_get_rows(session, out));
      const [first, count] = [Number(memory().getBigUint64(out, true)), Number(memory().getBigUint64(out + 8, true))];
      const row = scratch.allocate(vocabSize * 4);
      for (let i = 0; i < count; ++i) {
        core.check((x) => x.chord_get_logits(session, BigInt(first + i), row));
        rows.push(new Float32Array(core.control.at(row, vocabSize * 4).slice().buffer));
      }
      return happened;
    });
    if (event === chordEvent.done) break;
    if (event === chordEvent.waiting) await core.gpu?.settled();
  }
  core.invoke((x) => {
    x.chord_session_free(session);
  });
  assert.equal(rows.length, tokens.length);
  return rows;
}

/** Σ (seen − expected)² / Σ expected² */
export function normalizedError(seen: ArrayLike<number>, expected: ArrayLike<number>): number {
  assert.equal(seen.length, expected.length);
  let error = 0;
  let power = 0;
  for (let i = 0; i < seen.length; ++i) {
    error += ((seen[i] ?? NaN) - (expected[i] ?? NaN)) ** 2;
    power += (expected[i] ?? NaN) ** 2;
  }
  return error / power;
}
