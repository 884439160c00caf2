// How fast models of random weights run on this machine's GPU, through Node and npm's `webgpu`:
//   node bench/webgpu.mjs [--models SHAPE:TYPE,...] [--prompt N] [--generate N] [--runs N] [--toggles] [--profile]
//                         [--sampled] [--software] [--embed N] [--chord PATH] [--package FOLDER] [--dawn PATH]
//                         [--folder PATH]
// The models are made by `chord synth` in --folder (build/bench) and stay there. --toggles: Dawn's own for f16 and
// subgroup matrices, which a browser does not set. --sampled: tokens are drawn, with set_config's defaults. --profile:
// where a token's time goes, by kernel, from timestamp queries; it slows the rest down, so it is a run of its own.
// --software: SwiftShader will do. --embed: texts a second that models made for embeddings take, of N words each, 256
// in one call and one by one, on the GPU and on the CPU.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { installProfiler } from './webgpu_profiler.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));
const { values } = parseArgs({
  options: {
    models: {
      type: 'string',
      default: 'tinyllama-1.1b:q4_k_m,tinyllama-1.1b:q8_0,llama-2-7b:q4_k_m,llama-2-7b:q4_0',
    },
    prompt: { type: 'string', default: '512' },
    generate: { type: 'string', default: '128' },
    runs: { type: 'string', default: '5' },
    toggles: { type: 'boolean', default: false },
    sampled: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
    software: { type: 'boolean', default: false },
    embed: { type: 'string' },
    chord: { type: 'string', default: `${root}build/native/bin/chord` },
    package: { type: 'string', default: `${root}web/dist/node-webgpu` },
    dawn: {
      type: 'string',
      default: `${root}web/node_modules/webgpu/index.js`,
    },
    folder: { type: 'string', default: `${root}build/bench` },
  },
});

const load = (path) => import(pathToFileURL(path).href);
const { create, globals } = await load(values.dawn);
const flags = values.toggles
  ? ['enable-dawn-features=vulkan_enable_f16_on_nvidia,use_vulkan_memory_model,allow_unsafe_apis']
  : [];
const gpu = create(flags);
Object.defineProperty(globalThis, 'navigator', {
  value: { gpu },
  configurable: true,
});
const profiler = values.profile ? installProfiler(globals) : undefined;
const { bench } = await load(`${values.package}/bench.js`);

/** Bytes a second that a plain kernel reads from a buffer. */
async function streamingBandwidth() {
  const adapter = await gpu.requestAdapter({
    powerPreference: 'high-performance',
  });
  const size = Math.min(adapter.limits.maxStorageBufferBindingSize & ~0xfffff, values.software ? 1 << 22 : 1 << 30);
  const device = await adapter.requestDevice({
    requiredLimits: { maxBufferSize: size, maxStorageBufferBindingSize: size },
  });
  const groups = values.software ? 64 : 4096;
  const code = `@group(0) @binding(0) var<storage, read> from: array<vec4<u32>>;
    @group(0) @binding(1) var<storage, read_write> to: array<vec4<u32>>;
    @compute @workgroup_size(256) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
      var sum = vec4<u32>(0u);
      for (var i = id.x; i < arrayLength(&from); i += ${groups * 256}u) { sum ^= from[i]; }
      if (all(sum == vec4<u32>(1u, 2u, 3u, 4u))) { to[0] = sum; }
    }`;
  const pipeline = device.createComputePipeline({
    layout: 'auto',
    compute: {
      module: device.createShaderModule({
        code: code.replaceAll('from', 'source'),
      }),
    },
  });
  const [from, to] = [size, 16].map((bytes) => device.createBuffer({ size: bytes, usage: 128 }));
  const entries = [from, to].map((buffer, binding) => ({
    binding,
    resource: { buffer },
  }));
  const group = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries,
  });
  const run = async (times) => {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    for (let i = 0; i < times; i++) pass.dispatchWorkgroups(groups);
    pass.end();
    const begin = performance.now();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    return (size * times * 1000) / (performance.now() - begin);
  };
  await run(1);
  const speeds = [];
  for (let i = 0; i < 3; i++) speeds.push(await run(values.software ? 1 : 16));
  device.destroy();
  return {
    name: adapter.info.description || adapter.info.architecture,
    bandwidth: Math.max(...speeds),
  };
}

function model(shape, type) {
  mkdirSync(values.folder, { recursive: true });
  const path = `${values.folder}/${shape}-${type}.gguf`;
  if (!existsSync(path)) execFileSync(values.chord, ['synth', '--shape', shape, '--type', type, path]);
  return path;
}

/** Texts a second of one call of `embed` with `count` texts after another, the best of --runs. */
async function textsPerSecond(engine, count) {
  const words = Array.from({ length: Number(values.embed) }, (_, i) => 'aeiou'[i % 5].repeat(1 + (i % 3)));
  const texts = Array.from({ length: Math.max(count, 64) }, (_, i) => `${words.join(' ')} ${i}`);
  await engine.embed(texts.slice(0, 64));
  let best = 0;
  for (let run = 0; run < Number(values.runs); run++) {
    const begin = performance.now();
    await engine.embed(texts.slice(0, count));
    best = Math.max(best, (count * 1000) / (performance.now() - begin));
  }
  return best;
}

async function embeddings() {
  const { load: open } = await load(`${values.package}/index.js`);
  console.log(`model                     device     ${'together/s'.padStart(12)} ${'one by one/s'.padStart(14)}`);
  for (const entry of values.models.split(',')) {
    for (const device of ['webgpu', 'cpu']) {
      const options = { device, worker: false, softwareAdapter: values.software };
      const engine = await open(model(...entry.split(':')), options);
      const cells = [await textsPerSecond(engine, 256), await textsPerSecond(engine, 1)];
      console.log(
        `${entry.padEnd(25)} ${device.padEnd(10)} ${cells.map((cell) => cell.toFixed(0).padStart(12)).join('   ')}`,
      );
      await engine.dispose();
    }
  }
  await profiler?.print();
  process.exit(0);
}

if (values.embed) await embeddings();
const { name, bandwidth } = await streamingBandwidth();
console.log(`${name}, ${(bandwidth / 1e9).toFixed(0)} GB/s streaming, Dawn ${flags.join() || 'without flags'}`);
console.log('model                      load s   prefill tok/s   decode tok/s   share of streaming');
for (const entry of values.models.split(',')) {
  const [shape, type] = entry.split(':');
  const options = {
    file: entry,
    promptTokens: [Number(values.prompt)],
    generatedTokens: Number(values.generate),
    runs: Number(values.runs),
    device: 'webgpu',
    sampled: values.sampled,
    softwareAdapter: values.software,
  };
  profiler?.clear();
  try {
    const report = await bench(model(shape, type), options);
    const [{ prefill, decode }] = report.speeds;
    const share = (decode.median * report.decode_bytes) / bandwidth;
    const cells = [(report.load_ms / 1000).toFixed(2), prefill.median.toFixed(0), decode.median.toFixed(1)];
    console.log(
      `${entry.padEnd(25)} ${cells[0].padStart(7)} ${cells[1].padStart(15)} ${cells[2].padStart(14)} ${(share * 100).toFixed(1).padStart(18)} %`,
    );
  } catch (error) {
    console.log(`${entry.padEnd(25)} ${error.code ?? ''} ${error.message}`);
  }
  await profiler?.print();
}
process.exit(0);
