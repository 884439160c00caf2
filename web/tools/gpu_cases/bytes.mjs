// Activations as bytes.
import { dot } from '../gpu_reference.mjs';
import { inputWords } from '../../src/gpu/inputs.mjs';
import { bits, each, float, floatsOf, planes } from './common.mjs';

export const rms = (x, epsilon) => 1 / Math.sqrt(dot(x, x) / x.length + epsilon);

// x as quantize.wgsl quantizes it: bytes, and the largest of 32 values for an f32 scale.
export function unitsOf(x) {
  return each(x.length / 32, (unit) => {
    const part = x.slice(unit * 32, (unit + 1) * 32);
    const most = Math.max(...part.map(Math.abs));
    const inverse = Math.fround(127 / most);
    return { most, quants: part.map((value) => (most === 0 ? 0 : Math.round(Math.fround(value * inverse)))) };
  });
}
export const quantized = (x) =>
  unitsOf(x).flatMap(({ most, quants }) => quants.map((q) => q * Math.fround(most / 127)));

export const dotsKey = (columns, each, normed, ahead = false) =>
  `bytes_of token_dots token_loop COLUMNS=${columns}u EACH=${each}u NORMED=${normed} AHEAD=${ahead} EPSILON=${float(1e-5)}`;

/** One token's bytes and scales, as to_bytes.wgsl leaves them, what they stand for, and the norm's factor. */
export function tokenBytes(columns, seed) {
  const [x, scales, squares] = [
    [2, 'words', seed, columns / 4],
    [8, 'floats', seed + 1, columns / 32],
    [8, 'floats', seed + 2, columns / 32],
  ];
  const bytes = [...new Int8Array(inputWords(x).buffer)];
  const sums = floatsOf(scales).map((scale, i) =>
    Math.fround(scale * bytes.slice(i * 32, i * 32 + 32).reduce((a, b) => a + b)),
  );
  const pairs = [
    ...floatsOf(scales).flatMap((scale, i) => [scale, sums[i]]),
    ...floatsOf(squares).flatMap((square) => [Math.abs(square), 0]),
  ];
  const total = floatsOf(squares).reduce((sum, square) => sum + Math.abs(square), 0);
  return {
    inputs: [x, [8, 'words', pairs.map(bits)]],
    values: bytes.map((byte, i) => byte * floatsOf(scales)[i >> 5]),
    factor: 1 / Math.sqrt(total / columns + Math.fround(1e-5)),
  };
}
