import { layoutOf, sourceOf } from './compile.js';
import type { Shaders } from './data.js';
import { inputWords } from './inputs.mjs';

/** [binding, kind, seed, length] or [binding, 'words', values] */
export type KernelInput = readonly [number, string, number, number] | readonly [number, 'words', readonly number[]];

/** Inputs of one kernel and what must come out; tools/gpu_cases.mjs says what the members mean. */
export interface KernelCase {
  readonly name: string;
  readonly key: string;
  readonly groups: readonly [number, number, number];
  readonly inputs: readonly KernelInput[];
  readonly output: readonly [number, number];
  readonly first: number;
  readonly expected: readonly number[];
  readonly integer?: boolean;
}

const storage = 4 | 8 | 64 | 128; // GPUBufferUsage: COPY_SRC, COPY_DST, UNIFORM, STORAGE
const readable = 1 | 8; // MAP_READ, COPY_DST
const nan = 0x7fc00000;

/** The pipeline of a key. */
export function compileKey(device: GPUDevice, key: string, shaders: Shaders): Promise<GPUComputePipeline> {
  const code = sourceOf(key, shaders);
  const layout = device.createBindGroupLayout(layoutOf(code));
  return device.createComputePipelineAsync({
    layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
    compute: { module: device.createShaderModule({ code }), entryPoint: 'main' },
  });
}

/** All words of the output after one run of the case's pipeline. */
export async function runCase(
  device: GPUDevice,
  { groups, inputs, output }: KernelCase,
  pipeline: GPUComputePipeline,
): Promise<Uint32Array> {
  const buffers: GPUBuffer[] = [];
  const buffer = (size: number, usage: number): GPUBuffer => {
    const made = device.createBuffer({ size: Math.ceil(size / 16) * 16, usage });
    buffers.push(made);
    return made;
  };
  const filled = (binding: number, words: Uint32Array<ArrayBuffer>): GPUBindGroupEntry => {
    const made = buffer(words.byteLength, storage);
    device.queue.writeBuffer(made, 0, words);
    return { binding, resource: { buffer: made } };
  };
  const [binding, length] = output;
  const inPlace = inputs.find(([at]) => at === binding);
  const out = filled(binding, inPlace ? inputWords(inPlace) : new Uint32Array(length).fill(nan));
  const others = inputs.filter((input) => input !== inPlace);
  const entries = [...others.map((input) => filled(input[0], inputWords(input))), out];
  const [group, readback] = [
    device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }),
    buffer(length * 4, readable),
  ];
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, group);
  pass.dispatchWorkgroups(...groups);
  pass.end();
  if ('buffer' in out.resource) encoder.copyBufferToBuffer(out.resource.buffer, 0, readback, 0, length * 4);
  device.queue.submit([encoder.finish()]);
  await readback.mapAsync(1, 0, length * 4);
  const words = new Uint32Array(readback.getMappedRange(0, length * 4).slice(0));
  for (const made of buffers) made.destroy();
  return words;
}

/** How far the words of an output are from what is expected: 0 to 1 and above; integers: 0 or 1. */
export function errorOf({ first, expected, integer }: KernelCase, words: Uint32Array): number {
  if (integer) return expected.every((value, i) => value === words[first + i]) ? 0 : 1;
  const seen = new Float32Array(words.buffer, words.byteOffset, words.length);
  let error = 0;
  let power = 0;
  expected.forEach((value, i) => {
    error += (value - (seen[first + i] ?? NaN)) ** 2;
    power += value ** 2;
  });
  return Number.isNaN(error) ? 1 : error / power;
}
