/** [binding, kind, seed, length] or [binding, 'words', values] */
export type KernelInput = readonly [number, string, number, number] | readonly [number, 'words', readonly number[]];
export function inputWords(input: KernelInput): Uint32Array<ArrayBuffer>;
