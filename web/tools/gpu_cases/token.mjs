import { capped, decode, dot, formats, gelu, matvec, rope, silu } from '../gpu_reference.mjs';
import { inputWords } from '../../src/gpu/inputs.mjs';
import { dotsKey, quantized, rms, tokenBytes } from './bytes.mjs';
import {
  bits,
  bytesOf,
  constants,
  dot8Files,
  each,
  float,
  floatsOf,
  planes,
  stepAt,
  stepWords,
  weightsOf,
} from './common.mjs';

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
export function tokenGateCase(type, columns, { activation = 'silu', seed = 401 } = {}) {
  const weights = planes(type, columns * 64, seed);
  const x = tokenBytes(columns, seed + 2);
  const products = matvec(weightsOf(type, weights, columns * 64), x.values, 64).map((sum) => sum * x.factor);
  const rests = formats[type].rest > 0 ? weights[1][3] / 2 : 0;
  return scaleCase(
    'token_gate',
    `${dot8Files(type)} ${activation} token_gate token_bytes ${dotsKey(columns, 4, true).replace('bytes_of ', '')}`,
    [...weights, ...x.inputs, [6, 'words', [0, 0, weights[0][3] / 8, rests]]],
    scaleOf(each(32, (i) => ({ silu, gelu })[activation](products[i]) * products[32 + i])),
  );
}

/**
 * The scale of what the stream then holds, or its squares. Of attention: x is the merge of two shares of one head. Fresh:
 * the product takes the stream's place.
 */
export function tokenAddCase(type, columns, { attention = false, squares = false, fresh = false, seed = 411 } = {}) {
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
    (sum, i) => sum + (fresh ? 0 : floatsOf(stream)[i]),
  );
  return scaleCase(
    `token_add of ${source.split(' ')[0]}`,
    `${dot8Files(type)} token_add FRESH=${fresh} ${source} ${dotsKey(columns, 4, false, true).replace('bytes_of ', '')}`,
    [...weights, ...(attention ? [parts] : given.inputs), stream, norm],
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

/** The scale of the stream with a product's norm, or its squares. */
export function tokenPostCase({ squares = false, seed = 425 } = {}) {
  const [product, stream, norm, post] = [2, 3, 4, 5].map((binding) => [binding, 'floats', seed + binding, 32]);
  const scales = [0, 0, dot(floatsOf(product), floatsOf(product)), 0].map(Math.fround);
  const factor = 1 / Math.sqrt(scales[2] / 32 + Math.fround(1e-5));
  const added = floatsOf(stream).map((value, i) => value + floatsOf(product)[i] * factor * floatsOf(post)[i]);
  return scaleCase(
    'token_post',
    `token_post EPSILON=${float(1e-5)}`,
    [product, stream, norm, post, [8, 'words', scales.map(bits)]],
    scaleOf(added.map((value, i) => value * floatsOf(norm)[i])),
    squares ? dot(added, added) : undefined,
  );
}

/** Queries and keys of one type and values of another, with biases. */
export function tokenRowsCase(columns, rows, seed = 431) {
  const types = ['q4_k', 'q4_k', 'q6_k'];
  const x = tokenBytes(columns, seed + 9);
  // One plane for all of them, so that a build need not carry its words.
  const sizes = types.map((type) => ((columns * rows) / 256) * formats[type].main);
  const begins = sizes.map((_, i) => sizes.slice(0, i).reduce((a, b) => a + b, 0));
  const main = [0, 'halves', seed, sizes.reduce((a, b) => a + b) / 4];
  const rest = [1, 'halves', seed + 1, Math.ceil((columns * rows) / 512)];
  const weights = types.map((type, i) =>
    decode(type, bytesOf(main).subarray(begins[i], begins[i] + sizes[i]), bytesOf(rest), columns * rows),
  );
  const biases = [4, 5, 7].map((binding, i) => [binding, 'floats', seed + 10 + i, rows]);
  return {
    name: 'token_rows, dot8',
    key: `${dot8Files('q4_k')} half less +int8_q6_k +dot8_q6_k +token_loop token_two_types SECOND=4u token_rows BLOCK=8u token_bias token_bytes ${dotsKey(columns, 1, true)}`,
    groups: [3 * Math.ceil(rows / 8), 1, 1],
    inputs: [main, rest, ...x.inputs, ...biases, [6, 'words', begins.flatMap((at, i) => [rows, rows * i, at / 16, 0])]],
    output: [3, 3 * rows + 8],
    first: 0,
    expected: types.flatMap((_, i) =>
      matvec(weights[i], x.values, rows).map((sum, row) => sum * x.factor + floatsOf(biases[i])[row]),
    ),
  };
}

/** A share of the keys, of which `position` is the last: sums of values, the largest score, the sum of weights. */
export function tokenAttentionCase(
  position,
  { share = 0, length = 16, norm = false, window = 0, cap = 0, seed = 451 } = {},
) {
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
  const scores = places.map((i) => capped(0.5 * dot(query, i === position ? head(heads + 1, 1) : row(keys, i)), cap));
  const largest = Math.max(-3e38, ...scores);
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
  const floats = { CAP: float(cap), SCALE: float(0.5), MAGNITUDE: '1.0', HALVES: true, EPSILON: float(1e-5) };
  return {
    name: 'token_attention, dot8',
    key: `kv_f32 kv_four ${stepAt} multiply_high turn cap token_attention ${norm ? 'head_norm' : 'no_head_norm'}${constants(Object.fromEntries(Object.entries(typed).map(([n, x]) => [n, `${x}u`])))}${constants(floats)}`,
    groups: [kvHeads, 1, shares],
    inputs: [qkv, frequencies, keys, values, ...norms, stepWords(position)],
    output: [4, heads * shares * (length + 4)],
    first: (group * shares + share) * (length + 4),
    expected: [
      ...each(length, (j) => places.reduce((sum, i, n) => sum + weights[n] * value(i)[j], 0)),
      largest,
      weights.reduce((a, b) => a + b, 0),
    ],
  };
}
