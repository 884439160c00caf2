import type { KernelCase } from '../kernel_case.js';

/** Of every kernel, made by tools/gpu_cases.mjs; a matvec is one workgroup in either of its forms. */
export const cases: readonly KernelCase[];
