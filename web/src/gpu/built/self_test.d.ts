/**
 * Of every kernel, made by tools/gpu_cases.mjs: JSON of the members of a KernelCase, in their order; packed. A matvec is
 * one workgroup in either of its forms.
 */
export const cases: string;
/** Its dictionary. */
export const entries: readonly string[];
