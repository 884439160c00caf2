// Inputs for single kernels and what must come out: few and small for the self-test that every device goes through,
// many and odd for the tests. A case is data, so that a build can carry it:
//   name    of the kernel
//   key     of the pipeline, as in src/webgpu/program.cc
//   groups  workgroups, [x, y, z]
//   inputs  [binding, kind, …]: ['floats' | 'halves' | 'words', seed, length] of words, made by inputWords(), or
//           ['words', values]
//   output  [binding, length in words]; it is filled with NaN before
//   first   where in it `expected` begins
//   expected, and integer: whether those are words instead of floats
import { attention, decode, dot, formats, matvec, norm, rope, silu } from './gpu_reference.mjs';
import { inputWords } from '../src/gpu/inputs.mjs';

const each = (length, make) => Array.from({ length }, (_, i) => make(i));
const floatsOf = (input) => [...new Float32Array(inputWords(input).buffer)];
const bytesOf = (input) => new Uint8Array(inputWords(input).buffer);
const bits = (value) => new Uint32Array(Float32Array.of(value).buffer)[0];
const float = (value) => `bitcast<f32>(${bits(value)}u)`;
const constants = (values) =>
  Object.entries(values)
    .map(([name, value]) => ` ${name}=${value}`)
    .join('');
const stepAt = 'TOKENS_AT=8u OUTPUTS_AT=16u SAMPLING_AT=24u step';
const stepWords = (first, ...more) => [7, 'words', [first, 0, 0, 0, 0, 0, 0, 0, ...more]];

export const types = Object.keys(formats);

// Planes of `count` weights. The masks keep f16 scales finite, and leave every other bit to chance.
function planes(type, count, seed) {
  const { main, rest } = formats[type];
  const blocks = count / (main >= 80 && type !== 'f32' ? 256 : 32);
  const kind = { f32: 'floats', f16: 'halves', bf16: 'halves', q4_k: 'heads36', q5_k: 'heads44' }[type] ?? 'words';
  const inputs = [[0, kind, seed, (blocks * main) / 4]];
  if (rest > 0) inputs.push([1, 'halves', seed + 1, Math.ceil((blocks * rest) / 4)]);
  return inputs;
}

function weightsOf(type, inputs, count) {
  const rest = inputs[1]?.[0] === 1 ? bytesOf(inputs[1]) : new Uint8Array();
  return decode(type, bytesOf(inputs[0]), rest, count);
}

/** x · w of `rows` rows; `serial`: by the kernel for adapters that compute on the CPU. */
export function matvecCase(type, columns, rows, { serial = false, bias = false, residual = false, seed = 1 } = {}) {
  const weights = planes(type, columns * rows, seed);
  const x = [2, 'floats', seed + 2, columns];
  const first = 3; // the part begins at this row of the whole
  const biases = [4, 'floats', seed + 3, rows + first];
  const residuals = [5, 'floats', seed + 4, rows + first];
  const lanes = Math.min(32, Math.max(4, 2 ** Math.floor(Math.log2(columns / 32))));
  const expected = matvec(weightsOf(type, weights, columns * rows), floatsOf(x), rows).map(
    (sum, i) => sum + (bias ? floatsOf(biases)[first + i] : 0) + (residual ? floatsOf(residuals)[first + i] : 0),
  );
  const kernel = serial ? 'matvec_serial' : `matvec LANES=${lanes}u ROWS_EACH=2u`;
  return {
    name: `${kernel.split(' ')[0]} of ${type}`,
    key: `${formats[type].files} ${bias ? 'bias' : 'no_bias'} ${residual ? 'residual' : 'no_residual'} shape COLUMNS=${columns}u ${kernel}`,
    groups: [Math.ceil(rows / (serial ? 64 : (256 / lanes) * 2)), 1, 1],
    inputs: [
      ...weights,
      x,
      ...(bias ? [biases] : []),
      ...(residual ? [residuals] : []),
      [6, 'words', [rows, first, rows + first, 0]],
    ],
    output: [3, rows + first + 8],
    first,
    expected,
  };
}

const rms = (x, epsilon) => 1 / Math.sqrt(dot(x, x) / x.length + epsilon);

// x as quantize.wgsl quantizes it: bytes, and the largest of 32 values for an f32 scale.
function unitsOf(x) {
  return each(x.length / 32, (unit) => {
    const part = x.slice(unit * 32, (unit + 1) * 32);
    const most = Math.max(...part.map(Math.abs));
    const inverse = Math.fround(127 / most);
    return { most, quants: part.map((value) => (most === 0 ? 0 : Math.round(Math.fround(value * inverse)))) };
  });
}
const quantized = (x) => unitsOf(x).flatMap(({ most, quants }) => quants.map((q) => q * Math.fround(most / 127)));

const dot8Files = (type) => `planes spans ${{ q4_k: 'k_scales ', q6_k: 'half ' }[type] ?? ''}dot8_${type}`;
// Types with one plane have their only one in place of the second.
const secondPlane = (type) => (type === 'q4_k' ? [[1, 'words', [0]]] : []);
const dotsKey = (columns, each, normed, ahead = false) =>
  `bytes_of token_dots token_loop COLUMNS=${columns}u EACH=${each}u NORMED=${normed} AHEAD=${ahead} EPSILON=${float(1e-5)}`;

/** One token's bytes and scales, as to_bytes.wgsl leaves them, what they stand for, and the norm's factor. */
function tokenBytes(columns, seed) {
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

/** x · w of one token's bytes. The integers are exact. */
export function dot8Case(type, columns, rows, { normed = false, seed = 1 } = {}) {
  const weights = planes(type, columns * rows, seed);
  const x = tokenBytes(columns, seed + 2);
  return {
    name: `matvec_dot8 of ${type}`,
    key: `${dot8Files(type)} no_bias no_residual shape token_bytes matvec_dot8 ${dotsKey(columns, 2, normed)}`,
    groups: [Math.ceil(rows / 16), 1, 1],
    inputs: [...weights, ...secondPlane(type), ...x.inputs, [6, 'words', [rows, 0, rows, 0]]],
    output: [3, rows + 8],
    first: 0,
    expected: matvec(weightsOf(type, weights, columns * rows), x.values, rows).map(
      (sum) => sum * (normed ? x.factor : 1),
    ),
  };
}

// One token's kernels (src/webgpu/token_program.cc). What they hand on is bytes; of those the scales are compared, and
// the sums of squares where there are any.
const scaleOf = (values) => Math.max(...values.map(Math.abs)) / 127;
const scaleCase = (name, key, inputs, scale, squares) => ({
  name: `${name}, dot8`,
  key: `bytes_of to_bytes NEXT=1u ${key}`,
  groups: [1, 1, 1],
  inputs: [...inputs, [9, 'words', [0, 0, 0, 0, 0, 0, 0, 0]]],
  output: [10, 4],
  first: squares === undefined ? 0 : 2,
  expected: [squares ?? scale],
});

/** The scale of activation(gate) · up. */
export function tokenGateCase(type, columns, seed = 401) {
  const weights = planes(type, columns * 64, seed);
  const x = tokenBytes(columns, seed + 2);
  const products = matvec(weightsOf(type, weights, columns * 64), x.values, 64).map((sum) => sum * x.factor);
  const rests = weights[1] ? weights[1][3] / 2 : 0;
  return scaleCase(
    'token_gate',
    `${dot8Files(type)} silu token_gate token_bytes ${dotsKey(columns, 4, true).replace('bytes_of ', '')}`,
    [...weights, ...secondPlane(type), ...x.inputs, [6, 'words', [0, 0, weights[0][3] / 8, rests]]],
    scaleOf(each(32, (i) => silu(products[i]) * products[32 + i])),
  );
}

/** The scale of what the stream then holds, or its squares. Of attention: x is the merge of two shares of one head. */
export function tokenAddCase(type, columns, { attention = false, squares = false, seed = 411 } = {}) {
  const weights = planes(type, columns * 32, seed);
  const given = tokenBytes(columns, seed + 2);
  const [stream, norm, parts] = [
    [3, 'floats', seed + 5, 32],
    [4, 'floats', seed + 6, 32],
    [2, 'floats', seed + 7, 2 * (columns + 4)],
  ];
  const share = (i) => floatsOf(parts).slice(i * (columns + 4), (i + 1) * (columns + 4));
  const [e, f] = [0, 1].map((i) => Math.exp(share(i)[columns]));
  const total = e * share(0)[columns + 1] + f * share(1)[columns + 1];
  const merged = quantized(each(columns, (i) => Math.fround((e * share(0)[i] + f * share(1)[i]) / total)));
  const source = attention ? `token_shares SHARES=2u VALUE_LENGTH=${columns}u` : 'token_bytes';
  const added = matvec(weightsOf(type, weights, columns * 32), attention ? merged : given.values, 32).map(
    (sum, i) => sum + floatsOf(stream)[i],
  );
  return scaleCase(
    `token_add of ${source.split(' ')[0]}`,
    `${dot8Files(type)} token_add ${source} ${dotsKey(columns, 4, false, true).replace('bytes_of ', '')}`,
    [...weights, ...secondPlane(type), ...(attention ? [parts] : given.inputs), stream, norm],
    scaleOf(added.map((value, i) => value * floatsOf(norm)[i])),
    squares ? dot(added, added) : undefined,
  );
}

/** The scale of the stream before the first layer. */
export function tokenBeginCase(seed = 421) {
  const [stream, norm] = [
    [3, 'floats', seed, 32],
    [4, 'floats', seed + 1, 32],
  ];
  const values = floatsOf(stream).map((value, i) => value * floatsOf(norm)[i]);
  return scaleCase('token_begin', 'token_begin', [stream, norm], scaleOf(values));
}

/** Queries and keys of one type and values of another, with biases. */
export function tokenRowsCase(columns, rows, seed = 431) {
  const types = ['q4_k', 'q4_k', 'q6_k'];
  const x = tokenBytes(columns, seed + 9);
  const made = types.map((type, i) => planes(type, columns * rows, seed + 2 * i));
  const words = made.flatMap(([main]) => [...inputWords(main)]);
  const last = made[2][1];
  const places = made.map((_, i) => (made.slice(0, i).flatMap(([main]) => [...inputWords(main)]).length / 4) | 0);
  const biases = [4, 5, 7].map((binding, i) => [binding, 'floats', seed + 10 + i, rows]);
  return {
    name: 'token_rows, dot8',
    key: `${dot8Files('q4_k')} half +dot8_q6_k +token_loop token_two_types SECOND=4u token_rows BLOCK=8u token_bias token_bytes ${dotsKey(columns, 1, true)}`,
    groups: [3 * Math.ceil(rows / 8), 1, 1],
    inputs: [
      [0, 'words', words],
      [1, ...last.slice(1)],
      ...x.inputs,
      ...biases,
      [6, 'words', places.flatMap((at, i) => [rows, rows * i, at, 0])],
    ],
    output: [3, 3 * rows + 8],
    first: 0,
    expected: types.flatMap((type, i) =>
      matvec(weightsOf(type, made[i], columns * rows), x.values, rows).map(
        (sum, row) => sum * x.factor + floatsOf(biases[i])[row],
      ),
    ),
  };
}

/** A share of the keys, of which `position` is the last: sums of values, the largest score, the sum of weights. */
export function tokenAttentionCase(position, { share = 0, length = 16, norm = false, window = 0, seed = 451 } = {}) {
  const [group, kvHeads, cells, shares, pairs] = [2, 2, position + 3, 2, length / 2];
  const heads = group * kvHeads;
  const qkv = [0, 'floats', seed, (heads + 2 * kvHeads) * length];
  const frequencies = [1, 'words', seed + 1, pairs * 2];
  const [keys, values] = [2, 3].map((binding) => [binding, 'floats', seed + binding, kvHeads * cells * length]);
  const norms = norm ? [5, 6].map((binding) => [binding, 'floats', seed + binding, length]) : [];
  const words = inputWords(frequencies);
  const turns = each(pairs, (i) => words[2 * i + 1] / 2 ** 32 + words[2 * i] / 2 ** 64);
  const head = (i, of) => {
    const part = floatsOf(qkv).slice(i * length, (i + 1) * length);
    if (of === undefined) return part;
    const scale = norm ? rms(part, Math.fround(1e-5)) : 1;
    const normed = part.map((value, j) => value * scale * (norm ? floatsOf(norms[of])[j] : 1));
    return rope(normed, turns, position, true);
  };
  // Of the first head of the second pair.
  const row = (input, i) => floatsOf(input).slice((cells + i) * length, (cells + i + 1) * length);
  const oldest = window > 0 ? Math.max(0, position + 1 - window) : 0;
  const count = Math.ceil((position + 1 - oldest) / shares);
  const begin = oldest + share * count;
  const places = each(Math.min(position + 1, begin + count) - begin, (i) => begin + i);
  const query = head(group, 0);
  const scores = places.map((i) => 0.5 * dot(query, i === position ? head(heads + 1, 1) : row(keys, i)));
  const largest = Math.max(...scores);
  const weights = scores.map((score) => Math.exp(score - largest));
  const value = (i) => (i === position ? head(heads + kvHeads + 1) : row(values, i));
  const sizes = {
    GROUP: group,
    EACH: 2,
    SHARES: shares,
    KV_HEADS: kvHeads,
    CELLS: cells,
    WINDOW: window,
    PAIRS: pairs,
  };
  const lengths = { KEY_LENGTH: length, VALUE_LENGTH: length, KEY_FOURTHS: length / 16 };
  const typed = { ...sizes, ...lengths, VALUES_EACH: Math.ceil(128 / Math.floor(1024 / length)) };
  const floats = { SCALE: float(0.5), MAGNITUDE: '1.0', HALVES: true, EPSILON: float(1e-5) };
  return {
    name: 'token_attention, dot8',
    key: `kv_f32 ${stepAt} turn token_attention ${norm ? 'head_norm' : 'no_head_norm'}${constants(Object.fromEntries(Object.entries(typed).map(([n, x]) => [n, `${x}u`])))}${constants(floats)}`,
    groups: [kvHeads, 1, shares],
    inputs: [qkv, frequencies, keys, values, ...norms, stepWords(position)],
    output: [4, heads * shares * (length + 4)],
    first: (group * shares + share) * (length + 4),
    expected: [
      ...each(length, (j) => places.reduce((sum, i, n) => sum + weights[n] * value(i)[j], 0)),
      largest,
      weights.reduce((a, b) => a + b),
    ],
  };
}

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
  return tiled(`matmul of ${type}`, `${formats[type].files} matmul`, {
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
  // What a weight of no bits is: minus its minimum, where the type has one.
  const least = type === 'q4_k' ? leastOf(type, weights, columns * rows) : w.map(() => 0);
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
  const files = { q4_0: 'planes half less', q8_0: 'planes half', q4_k: 'planes k_scales', q6_k: 'planes half less' }[
    type
  ];
  return tiled(`matmul_dot8 of ${type}`, `${files} int8_${type} matmul_dot8`, {
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
    inputs: [...weights, ...secondPlane(type), x, scales],
  });
}

// Weights whose blocks keep only their first 16 bytes.
function leastOf(type, [[, kind, seed, length]], count) {
  const words = inputWords([0, kind, seed, length]).map((word, i) => (i % 36 < 4 ? word : 0));
  return decode(type, new Uint8Array(words.buffer), new Uint8Array(), count);
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
    key: `${from} silu row_factor quantize COLUMNS=${columns}u EPSILON=${float(1e-5)}`,
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
    key: `from_value row_factor halves halve COLUMNS=${columns}u`,
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

export function embedCase(type, columns, rows, seed = 11) {
  const weights = planes(type, columns * rows, seed);
  const token = rows - 1;
  return {
    name: `embed of ${type}`,
    key: `${formats[type].files} ${stepAt} embed COLUMNS=${columns}u ROWS=${rows}u FIRST_ROW=5u`,
    groups: [Math.ceil(columns / 32 / 64), 1, 1],
    inputs: [...weights, stepWords(0, token + 5)],
    output: [2, columns],
    first: 0,
    expected: weightsOf(type, weights, columns * rows).slice(token * columns),
  };
}

export function normCase(length, groups, seed = 21) {
  const [x, weight] = [
    [0, 'floats', seed, length * groups],
    [1, 'floats', seed + 1, length],
  ];
  const parts = each(groups, (i) => floatsOf(x).slice(i * length, (i + 1) * length));
  return {
    name: 'norm',
    key: `norm${constants({ LENGTH: `${length}u`, GROUPS: `${groups}u`, EPSILON: float(1e-5) })}`,
    groups: [groups, 1, 1],
    inputs: [x, weight],
    output: [2, length * groups],
    first: 0,
    expected: parts.flatMap((part) => norm(part, floatsOf(weight), Math.fround(1e-5))),
  };
}

export function ropeCase(halves, position, heads = 2, length = 16, pairs = 6, seed = 31) {
  const [x, frequencies] = [
    [0, 'floats', seed, heads * length],
    [1, 'words', seed + 1, pairs * 2],
  ];
  const words = inputWords(frequencies);
  // Two words make 64 bits of a turn; a double keeps 53, so that positions here stay small.
  const turns = each(pairs, (i) => words[2 * i + 1] / 2 ** 32 + words[2 * i] / 2 ** 64);
  const head = (i) => floatsOf(x).slice(i * length, (i + 1) * length);
  return {
    name: 'rope',
    key: `rope turn ${stepAt} HALVES=${halves}${constants({ HEADS: `${heads}u`, HEAD_LENGTH: `${length}u`, PAIRS: `${pairs}u`, MAGNITUDE: '1.0' })}`,
    groups: [Math.ceil((heads * length) / 64), 1, 1],
    inputs: [x, frequencies, stepWords(position)],
    output: [2, heads * length],
    first: 0,
    expected: each(heads, (i) => rope(head(i), turns, position, halves)).flat(),
  };
}

// Queries of the last `tokens` positions of `count`, over a cache that has room for three more.
function attentionInputs(count, tokens, { heads = 2, kvHeads = 1, length = 8, window = 0, seed = 41 } = {}) {
  const cells = count + 3;
  const [q, keys, values] = [
    [0, 'floats', seed, tokens * heads * length],
    [1, 'floats', seed + 1, kvHeads * cells * length],
    [2, 'floats', seed + 2, kvHeads * cells * length],
  ];
  const kvHead = (head) => Math.floor(head / (heads / kvHeads));
  // What a token sees, or a split of it.
  const rowsOf = (input, head, token, split = 0, splitLength = count) => {
    const seen = count - tokens + token + 1;
    const begin = Math.max(window > 0 ? seen - window : 0, split * splitLength, 0);
    const at = (i) => (kvHead(head) * cells + i) * length;
    const end = Math.min(seen, (split + 1) * splitLength);
    return each(end - begin, (i) => floatsOf(input).slice(at(begin + i), at(begin + i + 1)));
  };
  const queryOf = (token, head) =>
    floatsOf(q)
      .slice((token * heads + head) * length)
      .slice(0, length);
  const sizes = { HEADS: heads, KV_HEADS: kvHeads, CELLS: cells, KEY_LENGTH: length, VALUE_LENGTH: length };
  const typed = Object.fromEntries(Object.entries({ ...sizes, WINDOW: window }).map(([k, v]) => [k, `${v}u`]));
  return {
    heads,
    length,
    q,
    keys,
    values,
    rowsOf,
    queryOf,
    key: `kv_f32 ${stepAt}${constants(typed)} SCALE=${float(0.5)}`,
  };
}

/** One token over `count` keys in splits of 128: sums of weighted values, relative to the largest score of a split. */
export function attentionCase(count, options) {
  const { heads, length, q, keys, values, rowsOf, queryOf, key } = attentionInputs(count, 1, options);
  const splits = Math.ceil(count / 128);
  const sumsOf = (head, split) => {
    const [k, v] = [keys, values].map((input) => rowsOf(input, head, 0, split, 128));
    const scores = k.map((row) => 0.5 * dot(queryOf(0, head), row));
    const weights = scores.map((score) => Math.exp(score - Math.max(...scores)));
    return each(length, (lane) =>
      dot(
        weights,
        v.map((row) => row[lane]),
      ),
    );
  };
  return {
    name: 'attention',
    key: `${key} attention SPLIT=128u SPLITS=${splits}u`,
    groups: [heads, 1, splits],
    inputs: [q, keys, values, [4, 'words', 0, heads * splits * 2], stepWords(count - 1)],
    output: [3, heads * splits * length],
    first: 0,
    expected: each(heads, (head) => each(splits, (split) => sumsOf(head, split))).flat(2),
  };
}

/** Several tokens, the last of `count`. */
export function attentionRowsCase(count, tokens, options) {
  const { heads, length, q, keys, values, rowsOf, queryOf, key } = attentionInputs(count, tokens, options);
  const one = (token, head) =>
    attention(queryOf(token, head), rowsOf(keys, head, token), rowsOf(values, head, token), 0.5);
  return {
    name: 'attention_rows',
    key: `${key} attention_rows TOKEN_COUNT_AT=2u`,
    groups: [heads, Math.ceil(tokens / 64), 1],
    inputs: [q, keys, values, [7, 'words', [count - tokens, 0, tokens, 0]]],
    output: [3, (tokens + 1) * heads * length],
    first: 0,
    expected: each(tokens, (token) => each(heads, (head) => one(token, head))).flat(2),
  };
}

/** Splits as attention.wgsl leaves them, of which `count` keys have something in each. */
export function mergeCase(count, { heads = 2, length = 8, seed = 44 } = {}) {
  const splits = Math.ceil(count / 128) + 1;
  const [sums, totals] = [
    [0, 'floats', seed, heads * splits * length],
    [1, 'floats', seed + 1, heads * splits * 2],
  ];
  const used = Math.ceil(count / 128);
  const merged = (head, lane) => {
    const parts = each(used, (i) => head * splits + i);
    const weights = parts.map((at) => Math.exp(floatsOf(totals)[2 * at]));
    const sum = dot(
      weights,
      parts.map((at) => floatsOf(sums)[at * length + lane]),
    );
    return (
      sum /
      dot(
        weights,
        parts.map((at) => floatsOf(totals)[2 * at + 1]),
      )
    );
  };
  return {
    name: 'attention_merge',
    key: `${stepAt} attention_merge HEADS=${heads}u VALUE_LENGTH=${length}u SPLIT=128u SPLITS=${splits}u`,
    groups: [Math.ceil((heads * length) / 256), 1, 1],
    inputs: [sums, totals, stepWords(count - 1)],
    output: [2, heads * length],
    first: 0,
    expected: each(heads, (head) => each(length, (lane) => merged(head, lane))).flat(),
  };
}

/** The keys that it stores are rotated as a rope of theirs would. */
export function ropeStoreCase(halves, position, seed = 46) {
  const [qHeads, heads, length, cells, pairs] = [3, 2, 16, position + 2, 6];
  const [q, k] = [
    [0, 'floats', seed, qHeads * length],
    [1, 'floats', seed + 1, heads * length],
  ];
  const frequencies = [3, 'words', seed + 3, pairs * 2];
  const words = inputWords(frequencies);
  const turns = each(pairs, (i) => words[2 * i + 1] / 2 ** 32 + words[2 * i] / 2 ** 64);
  const sizes = { Q_HEADS: qHeads, HEADS: heads, CELLS: cells, KEY_LENGTH: length, VALUE_LENGTH: length, PAIRS: pairs };
  const typed = Object.fromEntries(Object.entries(sizes).map(([name, value]) => [name, `${value}u`]));
  return {
    name: 'rope_store',
    key: `kv_f32 rope_store turn ${stepAt} HALVES=${halves}${constants({ ...typed, MAGNITUDE: '1.0' })}`,
    groups: [Math.ceil(((qHeads + 2 * heads) * length) / 256), 1, 1],
    inputs: [
      q,
      k,
      [2, 'floats', seed + 2, heads * length],
      frequencies,
      [4, 'words', 0, qHeads * length],
      [6, 'words', 0, heads * cells * length],
      stepWords(position),
    ],
    output: [5, heads * cells * length],
    first: (cells + position) * length,
    expected: rope(floatsOf(k).slice(length), turns, position, halves),
  };
}

export function storeCase(kv, seed = 51) {
  const [heads, length, cells, position] = [2, 8, 5, 3];
  const [k, v] = [
    [0, 'floats', seed, heads * length],
    [1, 'floats', seed + 1, heads * length],
  ];
  const sizes = { HEADS: heads, CELLS: cells, KEY_LENGTH: length, VALUE_LENGTH: length };
  // The values of the last head lie behind each other.
  const at = ((heads - 1) * cells + position) * length;
  return {
    name: 'store_kv',
    key: `${kv} ${stepAt} store_kv${constants(Object.fromEntries(Object.entries(sizes).map(([n, x]) => [n, `${x}u`])))}`,
    groups: [1, 1, 1],
    inputs: [k, v, [2, 'words', 0, heads * cells * length], stepWords(position)],
    output: [3, heads * cells * length],
    first: at,
    expected: floatsOf(v).slice((heads - 1) * length),
  };
}

export function gatedCase(columns, seed = 61) {
  const [gate, up] = [
    [0, 'floats', seed, columns],
    [1, 'floats', seed + 1, columns],
  ];
  return {
    name: 'gated',
    key: `silu gated COLUMNS=${columns}u`,
    groups: [Math.ceil(columns / 256), 1, 1],
    inputs: [gate, up],
    output: [2, columns],
    first: 0,
    expected: floatsOf(gate).map((value, i) => silu(value) * floatsOf(up)[i]),
  };
}

export function selectCase(columns, seed = 71) {
  const x = [0, 'floats', seed, 3 * columns];
  return {
    name: 'select_rows',
    key: `${stepAt} select_rows COLUMNS=${columns}u`,
    groups: [Math.ceil(columns / 256), 1, 1],
    inputs: [x, stepWords(0, 0, 0, 0, 0, 0, 0, 0, 0, 2)],
    output: [1, columns],
    first: 0,
    expected: floatsOf(x).slice(2 * columns),
  };
}

const order = (value) => ((bits(value) & 0x80000000) !== 0 ? ~bits(value) : bits(value) | 0x80000000) >>> 0;
const sorted = (logits) =>
  logits.map((logit, token) => ({ logit, token })).sort((a, b) => b.logit - a.logit || a.token - b.token);

export function chunkCase(vocab, wanted, seed = 81) {
  const logits = [0, 'floats', seed, vocab];
  const first = sorted(floatsOf(logits).slice(0, 1024)).slice(0, wanted);
  const chunks = Math.ceil(vocab / 1024);
  return {
    name: 'chunk_candidates',
    key: `order ${stepAt} chunk_candidates VOCAB=${vocab}u CHUNK=1024u CHUNKS=${chunks}u MOST=16u`,
    groups: [chunks, 1, 1],
    inputs: [logits, [2, 'words', 0, chunks * 2], stepWords(0, ...each(16, () => 0), wanted)],
    output: [1, chunks * 32],
    first: 0,
    integer: true,
    expected: first.flatMap(({ logit, token }) => [order(logit), token]),
  };
}

export function candidatesCase(vocab, wanted, seed = 81) {
  const logits = [0, 'floats', seed, vocab];
  const values = floatsOf(logits);
  const chunks = Math.ceil(vocab / 1024);
  const parts = each(chunks, (i) => values.slice(i * 1024, (i + 1) * 1024));
  const lists = parts.flatMap((part, i) => {
    const best = sorted(part).slice(0, 16);
    return each(16, (j) => (best[j] ? [order(best[j].logit), i * 1024 + best[j].token] : [0, 0xffffffff])).flat();
  });
  const sums = parts.flatMap((part) => {
    const maximum = Math.max(...part);
    return [bits(maximum), bits(part.reduce((sum, value) => sum + Math.exp(value - maximum), 0))];
  });
  return {
    name: 'candidates',
    key: `order ${stepAt} candidates VOCAB=${vocab}u CHUNK=1024u CHUNKS=${chunks}u MOST=16u`,
    groups: [1, 1, 1],
    inputs: [logits, [1, 'words', lists], [2, 'words', sums], stepWords(0, ...each(16, () => 0), wanted)],
    output: [3, 4 + 32],
    first: 4,
    integer: true,
    expected: sorted(values)
      .slice(0, wanted)
      .flatMap(({ logit, token }) => [token, bits(logit)]),
  };
}

/** What a device has to pass before it is used. */
export function selfTest() {
  return [
    ...types.map((type, i) => matvecCase(type, 256, 3, { seed: 100 + i })),
    matvecCase('q8_0', 64, 5, { bias: true, residual: true }),
    ...['q4_0', 'q8_0', 'q4_k', 'q6_k'].map((type, i) => dot8Case(type, 256, 5, { seed: 200 + i })),
    ...['q4_0', 'q8_0', 'q4_k', 'q6_k'].map((type, i) => matmulDot8Case(type, 256, 3, 2, { seed: 300 + i })),
    tokenGateCase('q8_0', 64),
    tokenAddCase('q8_0', 64),
    tokenAddCase('q8_0', 64, { attention: true }),
    tokenAttentionCase(3),
    matmulCase('q8_0', 64, 3, 2),
    quantizeCase(64, 2, { from: 'from_norm' }),
    expandCase(32, 16),
    halveCase(32, 1),
    matrixCase(64, 40, 70),
    ropeStoreCase(true, 3),
    mergeCase(200),
    embedCase('q6_k', 256, 2),
    normCase(100, 2),
    ropeCase(true, 5),
    attentionCase(9),
    attentionRowsCase(9, 2),
    gatedCase(12),
    chunkCase(1500, 3),
    candidatesCase(1500, 3),
  ];
}
