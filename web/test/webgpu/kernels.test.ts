// Single kernels against the reference in tools/gpu_reference.mjs, over odd shapes.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gpuData } from '../../src/gpu/data.js';
import { compileKey, errorOf, runCase as runWith } from '../../src/gpu/kernel_case.js';
import type { KernelCase } from '../../src/gpu/kernel_case.js';
import * as cases from '../../tools/gpu_cases.mjs';
import { initWebgpu, openSwiftShader } from './device.js';

let device: GPUDevice;
before(async () => {
  await initWebgpu();
  ({ device } = await openSwiftShader());
});
after(() => {
  device.destroy();
});

const nan = 0x7fc00000;

// Compiling takes most of the time.
const pipelines = new Map<string, Promise<GPUComputePipeline>>();

async function runCase(kernel: KernelCase): Promise<Uint32Array> {
  const { shaders } = await gpuData();
  const pipeline = pipelines.get(kernel.key) ?? compileKey(device, kernel.key, shaders);
  pipelines.set(kernel.key, pipeline);
  return runWith(device, kernel, await pipeline);
}

async function check(kernel: KernelCase, tolerance = 1e-12): Promise<Uint32Array> {
  const words = await runCase(kernel);
  const error = errorOf(kernel, words);
  assert.ok(error <= tolerance, `${kernel.key}: NMSE ${error}`);
  return words;
}

test('the self-test runs every kernel', async () => {
  const { cases: tried, shaders } = await gpuData();
  const files = new Set(tried.flatMap(({ key }) => key.split(' ')));
  files.add('matvec_serial'); // instead of matvec where the adapter is software
  const kernels = Object.entries(shaders).filter(([, text]) => text.includes('@compute'));
  assert.ok(kernels.length > 20);
  assert.deepEqual(
    kernels.map(([name]) => name).filter((name) => !files.has(name)),
    [],
  );
});

/** The same bits when it is run again. */
async function checkTwice(kernel: KernelCase): Promise<void> {
  assert.deepEqual(await runCase(kernel), await runCase(kernel));
}

test('the same input twice gives the same bits', async () => {
  await checkTwice(cases.dot8Case('q6_k', 512, 9));
  await checkTwice(cases.matmulCase('q4_k', 256, 9, 9));
  await checkTwice(cases.tokenAttentionCase(200));
  await checkTwice(cases.chunkCase(1500, 5));
});

for (const type of cases.types) {
  test(`matvec of ${type}`, async () => {
    const words = await check(cases.matvecCase(type, 256, 7, { serial: true }));
    // Nothing is written before the part's rows nor behind them.
    assert.ok([0, 1, 2, 10, 11].every((i) => words[i] === nan));
    await check(cases.matvecCase(type, 512, 3));
  });
}

test('embed', async () => {
  for (const type of ['f16', 'q6_k']) await check(cases.embedCase(type, 256, 3));
  await check(cases.embedCase('q8_0', 96, 4, { byPosition: true }));
});

test('matvec of odd shapes', async () => {
  for (const [columns, rows] of [
    [32, 1],
    [96, 65],
    [1152, 17],
    [2080, 5],
  ] as const) {
    for (const serial of [false, true]) {
      await check(cases.matvecCase('q8_0', columns, rows, { serial, bias: true, residual: true }));
    }
  }
  await check(cases.matvecCase('f32', 4128, 2, { bias: true }));
});

test('matvec in integers', async () => {
  for (const type of cases.blockTypes) {
    await check(cases.dot8Case(type, 256, 1), 1e-10);
    await check(cases.dot8Case(type, 1280, 19, { normed: true }), 1e-10);
  }
});

test('a capped matvec', async () => {
  await check(cases.dot8Case('q8_0', 64, 5, { cap: 2 }), 1e-10);
});

test('products of many tokens', async () => {
  await check(cases.matmulCase('q8_0', 32, 1, 1));
  await check(cases.matmulCase('f16', 96, 65, 66, { bias: true, residual: true }));
  await check(cases.matmulCase('q5_k', 512, 70, 5, { residual: true }));
});

test('products of many tokens in integers', async () => {
  await check(cases.matmulDot8Case('q8_0', 32, 1, 1));
  await check(cases.matmulDot8Case('q8_0', 96, 65, 66, { bias: true, residual: true }));
  await check(cases.matmulDot8Case('q4_0', 1120, 130, 3));
  await check(cases.matmulDot8Case('q4_k', 512, 5, 66, { residual: true }));
  await check(cases.matmulDot8Case('q6_k', 768, 66, 64));
  await check(cases.matmulDot8Case('q2_k', 768, 66, 3));
  for (const type of cases.blockTypes) await check(cases.matmulDot8Case(type, 256, 3, 2));
});

test('products of many tokens write only what is theirs', async () => {
  for (const make of [cases.matmulCase, cases.matmulDot8Case]) {
    const words = await check(make('q8_0', 64, 70, 67, { apart: true }));
    for (let token = 0; token <= 67; token++) {
      const written = [...words.subarray(token * 75, (token + 1) * 75)].map((word) => word !== nan);
      assert.deepEqual(
        written,
        written.map((_, i) => token < 67 && i >= 3 && i < 73),
      );
    }
  }
});

test('a token of many has the bits that it has among few', async () => {
  for (const make of [cases.matmulCase, cases.matmulDot8Case]) {
    const [few, many] = await Promise.all([2, 67].map((tokens) => runCase(make('q8_0', 64, 9, tokens))));
    assert.ok(few && many);
    assert.deepEqual(few.subarray(0, 18), many.subarray(0, 18));
  }
});

test('quantization', async () => {
  for (const columns of [32, 4128]) await check(cases.quantizedBytesCase(columns, 3));
  await check(cases.quantizeCase(96, 2));
  // A value on the border between two bytes may fall on either side.
  for (const from of ['from_norm', 'from_gate'] as const) await check(cases.quantizeCase(1120, 3, { from }), 1e-4);
});

test('halves in blocks', async () => {
  for (const [columns, rows] of [
    [32, 16],
    [96, 48],
  ] as const)
    await check(cases.expandCase(columns, rows));
  // Rows that are not there are not written.
  const kernel = cases.halveCase(160, 17);
  const words = await runCase(kernel);
  kernel.expected.forEach((word, i) => {
    const row = Math.floor(i / 128 / 10) * 16 + (Math.floor(i / 8) % 16);
    assert.equal(words[i], row < 17 ? word : nan);
  });
});

test('the kernels of one token', async () => {
  for (const type of ['q4_0', 'q8_0', 'q4_k', 'q6_k']) await check(cases.tokenGateCase(type, 512), 1e-10);
  for (const attention of [false, true]) {
    for (const squares of [false, true]) await check(cases.tokenAddCase('q8_0', 192, { attention, squares }), 1e-8);
  }
  await check(cases.tokenGateCase('q8_0', 64, { activation: 'gelu' }), 1e-10);
  await check(cases.tokenAddCase('q8_0', 192, { squares: true, fresh: true }), 1e-8);
  for (const squares of [false, true]) await check(cases.tokenPostCase({ squares }), 1e-10);
  await check(cases.tokenBeginCase());
  await check(cases.tokenRowsCase(256, 19), 1e-10);
});

test("one token's attention", async () => {
  await check(cases.tokenAttentionCase(0, { share: 1 })); // there is nothing in it
  await check(cases.tokenAttentionCase(300, { share: 1, length: 48, norm: true }));
  await check(cases.tokenAttentionCase(90, { window: 50, cap: 0.5 }));
});

test('rope and store', async () => {
  for (const halves of [false, true]) for (const position of [0, 9]) await check(cases.ropeStoreCase(halves, position));
});

test('merging splits of attention', async () => {
  for (const count of [1, 128, 129, 400]) await check(cases.mergeCase(count));
  await check(cases.mergeCase(200, { sinks: true }));
});

test('norm', async () => {
  for (const [length, groups] of [
    [1, 1],
    [3, 5],
    [128, 1],
    [300, 2],
  ] as const)
    for (const layer of [false, true]) await check(cases.normCase(length, groups, { layer }));
});

test('rope', async () => {
  for (const halves of [false, true]) {
    for (const position of [0, 1, 100, 100_000]) await check(cases.ropeCase(halves, position));
  }
});

test('attention', async () => {
  for (const count of [1, 300]) await check(cases.attentionCase(count));
  for (const length of [4, 256]) await check(cases.attentionCase(40, { heads: 4, kvHeads: 2, length }));
  await check(cases.attentionCase(128, { window: 100, cap: 0.5 }));
});

test('attention of many tokens', async () => {
  for (const length of [4, 160]) await check(cases.attentionRowsCase(40, 3, { heads: 4, kvHeads: 2, length }));
  await check(cases.attentionRowsCase(150, 70, { window: 50, cap: 0.5, sinks: true }));
  // Texts that do not see each other, within a tile and over its end.
  await check(cases.attentionRowsCase(70, 70, { causal: false, texts: [3, 40, 27] }));
  await check(cases.attentionRowsCase(70, 70, { texts: [1, 65, 4], sinks: true }));
  const words = await check(cases.attentionRowsCase(6, 3));
  assert.ok(words.subarray(3 * 16).every((word) => word === nan));
  // The same tokens among more.
  const more = await check(cases.attentionRowsCase(68, 65));
  assert.deepEqual(words.subarray(0, 3 * 16), more.subarray(0, 3 * 16));
});

test('keys and values as Q8_0', async () => {
  for (const length of [64, 192]) await check(cases.storeQ8Case(length));
  await check(cases.attentionCase(140, { heads: 4, kvHeads: 2, length: 64, q8: true }));
  await check(cases.attentionRowsCase(40, 3, { length: 192, q8: true }));
});

test('store_kv, select_rows', async () => {
  await check(cases.storeCase('kv_f32'));
  for (const columns of [4, 252, 260]) await check(cases.selectCase(columns));
});

test('element by element', async () => {
  for (const activation of ['silu', 'gelu', 'sigmoid', 'scale', 'soft_cap'] as const) {
    await check(cases.pointwiseCase(7, activation, 'alone'));
  }
  for (const row of [false, true]) await check(cases.pointwiseCase(261, 'identity', 'sum', { row }));
  await check(cases.pointwiseCase(3, 'identity', 'gated'));
  await check(cases.pointwiseCase(257, 'gelu', 'gated'));
});

test('penalties and biases', async () => {
  for (const vocab of [500, 3001]) await check(cases.penaltiesCase(vocab));
});

test('candidates', async () => {
  for (const [vocab, wanted] of [
    [1, 1],
    [1025, 2],
    [3000, 40],
    [2300, 256],
  ] as const) {
    await check(cases.chunkCase(vocab, wanted));
    await check(cases.candidatesCase(vocab, wanted));
  }
  await check(cases.chunkCase(1500, 8, { drawn: true }));
});

test('the draw of a token', async () => {
  await check(cases.advanceCase(1));
  const settings = [
    { temperature: 0.7, topK: 40, topP: 0.9 },
    { temperature: 1.5, topP: 0.7 },
    { temperature: 1, minP: 0.05, topK: 100 },
    { temperature: 3 },
  ];
  // Each position draws anew.
  for (const draw of settings) {
    for (let position = 0; position < 8; position++) {
      await check(cases.advanceCase(200, { ...draw, position: [position, 0] }));
    }
  }
});
