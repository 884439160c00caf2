import type { KernelInput } from './kernel_case.js';
export function inputWords(input: KernelInput): Uint32Array<ArrayBuffer>;
