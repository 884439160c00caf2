// Pseudo-random inputs of the kernels' self-test: the build, which knows the results, and the device make the same.

/**
 * The words of an input [binding, kind, seed, length] or [binding, 'words', values]. floats: -1 to 1 as f32; halves:
 * finite f16 (or bf16) below 2; headsN: words of which every N-th holds two such halves; words: any.
 */
export function inputWords([, kind, seed, length]) {
  if (typeof seed !== 'number') return Uint32Array.from(seed);
  let state = seed * 2654435761 + 1;
  const words = Uint32Array.from({ length }, () => {
    // Marsaglia's xorshift (2003).
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state;
  });
  if (kind === 'floats') return new Uint32Array(Float32Array.from(words, (word) => word / 2 ** 31 - 1).buffer);
  const every = kind === 'halves' ? 1 : kind === 'words' ? 0 : Number(kind.slice(5));
  return every === 0 ? words : words.map((word, i) => (i % every === 0 ? word & 0xbfffbfff : word));
}
