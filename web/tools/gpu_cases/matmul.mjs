// Products of several tokens, and what becomes of their operands before.
import { decode, dot, formats, matvec, silu } from '../gpu_reference.mjs';
import { inputWords } from '../../src/gpu/inputs.mjs';
import { bits, bytesOf, decodeFiles, each, float, floatsOf, planes, stepAt, weightsOf } from './common.mjs';
import { rms, unitsOf } from './bytes.mjs';

// Where shape.wgsl's part begins in rows of a product, and how far they are apart.
const partOf = (rows, apart) => (apart ? { first: 3, stride: rows + 5 } : { first: 0, stride: rows });

/**
 * x · w of several tokens, in tiles. `apart`: the rows are a part of longer ones, of which `expected` has the first.
 */
export function matmulCase(
  type,
  columns,
  rows,
  tokens,
  { bias = false, residual = false, apart = false, seed = 5 } = {},
) {
  const weights = planes(type, columns * rows, seed);
  const x = [2, 'floats', seed + 2, columns * tokens];
  const { first, stride } = partOf(rows, apart);
  const w = weightsOf(type, weights, columns * rows);
  const product = (token) => matvec(w, floatsOf(x).slice(token * columns, (token + 1) * columns), rows);
  return tiled(`matmul of ${type}`, `${decodeFiles(type)} matmul`, {
    columns,
    rows,
    tokens,
    bias,
    residual,
    apart,
    seed,
    first,
    stride,
    product,
    inputs: [...weights, x],
  });
}

/** The same of bytes, with a scale and a sum (of anything) for 32 of them; the minimums of weights meet the sums. */
export function matmulDot8Case(type, columns, rows, tokens, options = {}) {
  const { bias = false, residual = false, apart = false, seed = 6 } = options;
  const units = columns / 32;
  const weights = planes(type, columns * rows, seed);
  const x = [2, 'words', seed + 2, (columns * tokens) / 4];
  const scales = [8, 'floats', seed + 3, units * tokens * 2];
  const { first, stride } = partOf(rows, apart);
  const w = weightsOf(type, weights, columns * rows);
  const least = leastOf(type, weights, columns * rows);
  const [bytes, factors] = [new Int8Array(inputWords(x).buffer), floatsOf(scales)];
  const product = (token) =>
    each(rows, (row) => {
      const terms = each(units, (unit) => {
        const [scale, sum] = factors.slice(2 * (token * units + unit));
        const quants = each(32, (i) => bytes[token * columns + unit * 32 + i]);
        const at = row * columns + unit * 32;
        return (
          scale *
            dot(
              quants,
              each(32, (i) => w[at + i] - least[at + i]),
            ) +
          sum * least[at]
        );
      });
      return terms.reduce((a, b) => a + b);
    });
  return tiled(`matmul_dot8 of ${type}`, `planes ${formats[type].files} matmul_dot8`, {
    columns,
    rows,
    tokens,
    bias,
    residual,
    apart,
    seed,
    first,
    stride,
    product,
    inputs: [...weights, x, scales],
  });
}

// What a weight of no bits is: minus its minimum, where the type has one for 32 of them.
function leastOf(type, [main, rest], count) {
  // How many words of how many are no bits of weights, in the two planes.
  const heads = { q4_1: [0, 1, 1, 1], q5_1: [0, 1, 1, 2], q4_k: [4, 36, 0, 1], q5_k: [4, 44, 0, 1] }[type];
  if (!heads) return each(count, () => 0);
  const [head, of, restHead, restOf] = heads;
  const bytes = (input, kept, length) =>
    new Uint8Array(inputWords(input).map((word, i) => (i % length < kept ? word : 0)).buffer);
  return decode(type, bytes(main, head, of), bytes(rest, restHead, restOf), count);
}

function tiled(name, files, { columns, rows, tokens, bias, residual, apart, seed, first, stride, product, inputs }) {
  const biases = [4, 'floats', seed + 4, stride];
  const residuals = [5, 'floats', seed + 5, stride * tokens];
  const [more, added] = [floatsOf(biases), floatsOf(residuals)];
  const rowsOf = (token) =>
    product(token).map(
      (sum, i) => sum + (bias ? more[first + i] : 0) + (residual ? added[token * stride + first + i] : 0),
    );
  return {
    name,
    key: `${files} ${stepAt} TOKEN_COUNT_AT=2u ${bias ? 'bias' : 'no_bias'} ${residual ? 'residual' : 'no_residual'} shape COLUMNS=${columns}u`,
    groups: [Math.ceil(rows / 64), Math.ceil(tokens / 64), 1],
    inputs: [
      ...inputs,
      ...(bias ? [biases] : []),
      ...(residual ? [residuals] : []),
      [6, 'words', [rows, first, stride, 0]],
      [7, 'words', [0, 0, tokens, 0]],
    ],
    output: [3, stride * (tokens + 1)],
    first,
    expected: each(apart ? 1 : tokens, rowsOf).flat(),
  };
}

/** The scales that quantize.wgsl makes of several rows, each with the sum of its bytes. */
export function quantizeCase(columns, rows, { from = 'from_value', seed = 8 } = {}) {
  const x = [2, 'floats', seed, columns * rows];
  const other = [8, 'floats', seed + 1, from === 'from_gate' ? columns * rows : columns];
  const row = (i) => floatsOf(x).slice(i * columns, (i + 1) * columns);
  const source = (i) =>
    ({
      from_value: () => row(i),
      from_norm: () => row(i).map((value, j) => Math.fround(value * floatsOf(other)[j])),
      from_gate: () => row(i).map((value, j) => Math.fround(silu(value) * floatsOf(other)[i * columns + j])),
    })[from]();
  const scale = (i) => (from === 'from_norm' ? rms(row(i), Math.fround(1e-5)) : 1);
  return {
    name: `quantize dot8 ${from}`,
    key: `${from} ${from === 'from_gate' ? 'silu' : 'identity'} row_factor quantize COLUMNS=${columns}u EPSILON=${float(1e-5)}`,
    groups: [1, rows, 1],
    inputs: [x, ...(from === 'from_value' ? [] : [other]), [3, 'words', 0, (columns * rows) / 4]],
    output: [4, (columns / 32) * rows * 2 + 8],
    first: 0,
    expected: each(rows, (i) =>
      unitsOf(source(i)).flatMap(({ most, quants }) =>
        [
          most / 127,
          (most / 127) *
            dot(
              quants,
              quants.map(() => 1),
            ),
        ].map((value) => value * scale(i)),
      ),
    ).flat(),
  };
}

/** And the bytes. */
export function quantizedBytesCase(columns, rows, seed = 8) {
  const { key, groups, inputs } = quantizeCase(columns, rows, { seed });
  const bytes = Int8Array.from(unitsOf(floatsOf(inputs[0])).flatMap(({ quants }) => quants));
  return {
    name: 'bytes of quantize dot8',
    key,
    groups,
    inputs: [inputs[0], [4, 'words', 0, (columns / 32) * rows * 2]],
    output: [3, (columns * rows) / 4 + 8],
    first: 0,
    integer: true,
    expected: [...new Uint32Array(bytes.buffer)],
  };
}

// Rows in blocks of 16 × 16, as halves.wgsl describes them.
function blocked(rows, columns) {
  return each((rows / 16) * (columns / 16), (block) => {
    const [first, column] = [Math.floor(block / (columns / 16)) * 16, (block % (columns / 16)) * 16];
    return each(256, (i) => (first + (i >> 4)) * columns + column + (i & 15));
  }).flat();
}

/** A matrix of F16 as halves, in blocks. */
export function expandCase(columns, rows, seed = 9) {
  const [weights] = planes('f16', columns * rows, seed);
  const halves = new Uint16Array(inputWords(weights).buffer);
  const expected = Uint16Array.from(blocked(rows, columns), (i) => halves[i]);
  return {
    name: 'expand',
    key: `f16 shape halves expand COLUMNS=${columns}u`,
    groups: [Math.ceil((columns * rows) / 32 / 256), 1, 1],
    inputs: [weights, [6, 'words', [rows, 0, rows, 0]]],
    output: [3, (columns * rows) / 2 + 8],
    first: 0,
    integer: true,
    expected: [...new Uint32Array(expected.buffer)],
  };
}

/** Activations, of which each is a half. */
export function halveCase(columns, rows) {
  const values = each(rows * columns, (i) => ((i * 37) % 256) - 128);
  const half = (value) => {
    const exponent = value === 0 ? 0 : Math.floor(Math.log2(Math.abs(value)));
    const bits = value === 0 ? 0 : ((exponent + 15) << 10) + (Math.abs(value) / 2 ** exponent - 1) * 1024;
    return (value < 0 ? 0x8000 : 0) | bits;
  };
  const padded = Math.ceil(rows / 16) * 16;
  const written = blocked(padded, columns).map((i) => half(values[i] ?? 0));
  return {
    name: 'halve',
    key: `from_value identity row_factor halves halve COLUMNS=${columns}u`,
    groups: [1, rows, 1],
    inputs: [[2, 'words', values.map(bits)]],
    output: [3, (columns * padded) / 2],
    first: 0,
    integer: true,
    expected: [...new Uint32Array(Uint16Array.from(written).buffer)],
  };
}

/** x · w of blocks of halves. */
export function matrixCase(columns, rows, tokens, { residual = false, seed = 10 } = {}) {
  const [w, x] = [
    [0, 'halves', seed, (columns * Math.ceil(rows / 64) * 64) / 2],
    [2, 'halves', seed + 1, (columns * Math.ceil(tokens / 128) * 128) / 2],
  ];
  const rowsOf = (input, count) => {
    const at = blocked(Math.ceil(count / 16) * 16, columns);
    const plain = [];
    decode('f16', bytesOf(input), new Uint8Array(), at.length).forEach((value, i) => {
      plain[at[i]] = value;
    });
    return plain;
  };
  const [weights, values] = [rowsOf(w, rows), rowsOf(x, tokens)];
  const kernel = tiled('matmul_matrix', 'matmul_matrix', {
    columns,
    rows,
    tokens,
    residual,
    seed,
    first: 0,
    stride: rows,
    product: (token) => matvec(weights, values.slice(token * columns, (token + 1) * columns), rows),
    inputs: [w, x],
  });
  return { ...kernel, groups: [Math.ceil(rows / 64), Math.ceil(tokens / 128), 1] };
}
