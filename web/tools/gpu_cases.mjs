// Inputs for single kernels and what must come out: few and small for the self-test that every device goes through,
// many and odd for the tests. A case is data, so that a build can carry it:
//   name    of the kernel
//   key     of the pipeline, as in src/webgpu/program.cc
//   groups  workgroups, [x, y, z]
//   inputs  [binding, kind, …]: ['floats' | 'halves' | 'words', seed, length] of words, made by inputWords(), or
//           ['words', values]
//   output  [binding, length in words]; it is filled with NaN before, unless it is an input, too
//   first   where in it `expected` begins
//   expected, and integer: whether those are words instead of floats
export * from './gpu_cases/matvec.mjs';
export * from './gpu_cases/token.mjs';
export * from './gpu_cases/matmul.mjs';
export * from './gpu_cases/rows.mjs';
export * from './gpu_cases/attention.mjs';
export * from './gpu_cases/sampling.mjs';
export * from './gpu_cases/self_test.mjs';
export { blockTypes, types } from './gpu_cases/common.mjs';
