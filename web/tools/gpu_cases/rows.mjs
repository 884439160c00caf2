// Kernels that take each row, or a part of it, by itself.
import { capped, gelu, norm, q8Words, rope, silu } from '../gpu_reference.mjs';
import { inputWords } from '../../src/gpu/inputs.mjs';
import {
  constants,
  decodeFiles,
  each,
  float,
  floatsOf,
  planes,
  stepAt,
  stepWords,
  textWords,
  weightsOf,
} from './common.mjs';

/** The last row, which is the token's; or that of a position in the second text of a step. */
export function embedCase(type, columns, rows, { byPosition = false, seed = 11 } = {}) {
  const weights = planes(type, columns * rows, seed);
  const token = rows - 1;
  return {
    name: `embed of ${type}`,
    key: `${decodeFiles(type)} ${stepAt} embed BY_POSITION=${byPosition} FACTOR=${float(1.5)} COLUMNS=${columns}u ROWS=${rows}u FIRST_ROW=5u`,
    groups: [Math.ceil(columns / 32 / 64), 1, 1],
    inputs: [...weights, byPosition ? textWords(token + 7, [2, 99]) : stepWords(0, token + 5)],
    output: [2, columns],
    first: 0,
    expected: weightsOf(type, weights, columns * rows)
      .slice(token * columns)
      .map((weight) => 1.5 * weight),
  };
}

/** `layer`: of the mean's differences, and with a bias. */
export function normCase(length, groups, { layer = false, seed = 21 } = {}) {
  const [x, weight, bias] = [
    [0, 'floats', seed, length * groups],
    [1, 'floats', seed + 1, length],
    [4, 'floats', seed + 2, length],
  ];
  const parts = each(groups, (i) => floatsOf(x).slice(i * length, (i + 1) * length));
  return {
    name: 'norm',
    key: `${layer ? 'bias' : 'no_bias'} norm${constants({ LENGTH: `${length}u`, GROUPS: `${groups}u`, EPSILON: float(1e-5), CENTERED: layer })}`,
    groups: [groups, 1, 1],
    inputs: [x, weight, ...(layer ? [bias] : [])],
    output: [2, length * groups],
    first: 0,
    expected: parts.flatMap((part) =>
      norm(part, floatsOf(weight), Math.fround(1e-5), layer ? floatsOf(bias) : undefined),
    ),
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
    key: `rope multiply_high turn ${stepAt} HALVES=${halves}${constants({ HEADS: `${heads}u`, HEAD_LENGTH: `${length}u`, PAIRS: `${pairs}u`, MAGNITUDE: '1.0' })}`,
    groups: [Math.ceil((heads * length) / 64), 1, 1],
    inputs: [x, frequencies, textWords(position, [0, 99])],
    output: [2, heads * length],
    first: 0,
    expected: each(heads, (i) => rope(head(i), turns, position, halves)).flat(),
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
    key: `kv_f32 kv_four rope_store multiply_high turn ${stepAt} HALVES=${halves}${constants({ ...typed, MAGNITUDE: '1.0' })}`,
    groups: [Math.ceil(((qHeads + 2 * heads) * length) / 256), 1, 1],
    inputs: [
      q,
      k,
      [2, 'floats', seed + 2, heads * length],
      frequencies,
      [4, 'words', 0, qHeads * length],
      [6, 'words', 0, heads * cells * length],
      textWords(position, [0, 99]),
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
    key: `${kv} kv_four ${stepAt} store_kv${constants(Object.fromEntries(Object.entries(sizes).map(([n, x]) => [n, `${x}u`])))}`,
    groups: [1, 1, 1],
    inputs: [k, v, [2, 'words', 0, heads * cells * length], stepWords(position)],
    output: [3, heads * cells * length],
    first: at,
    expected: floatsOf(v).slice((heads - 1) * length),
  };
}

/** Of the last head, as Q8_0. */
export function storeQ8Case(length = 64, seed = 53) {
  const [heads, cells, position] = [2, 4, 1];
  const [k, v] = [0, 1].map((binding) => [binding, 'floats', seed + binding, heads * length]);
  const words = (length / 64) * 17;
  const sizes = { HEADS: heads, CELLS: cells, KEY_LENGTH: length, VALUE_LENGTH: length };
  const last = floatsOf(v).slice((heads - 1) * length);
  return {
    name: 'store_q8',
    key: `bytes kv_q8 ${stepAt} store_q8${constants(Object.fromEntries(Object.entries(sizes).map(([n, x]) => [n, `${x}u`])))}`,
    groups: [1, 1, 1],
    inputs: [k, v, [2, 'words', 0, heads * cells * words], stepWords(position)],
    output: [3, heads * cells * words],
    first: ((heads - 1) * cells + position) * words,
    integer: true,
    expected: each(length / 64, (i) => q8Words(last.slice(i * 64, (i + 1) * 64))).flat(),
  };
}

const activations = {
  silu: [silu, 'silu'],
  gelu: [gelu, 'gelu'],
  sigmoid: [(x) => 1 / (1 + Math.exp(-x)), 'sigmoid'],
  identity: [(x) => x, 'identity'],
  scale: [(x) => 0.75 * x, `scale FACTOR=${float(0.75)}`],
  soft_cap: [(x) => capped(x, 0.5), `cap CAP=${float(0.5)} soft_cap`],
};

/**
 * Element by element of two rows: the activation of the first; with 'gated' times the second, with 'sum' plus it, of
 * which there is one row for both where `row`.
 */
export function pointwiseCase(columns, activation, combined, { row = false, seed = 61 } = {}) {
  const [a, b] = [0, 1].map((binding) => [binding, 'floats', seed + binding, columns * 2]);
  const [activate, files] = activations[activation];
  const other = (i) => floatsOf(b)[row ? i % columns : i];
  const combine = { alone: activate, sum: (x, i) => x + other(i), gated: (x, i) => activate(x) * other(i) }[combined];
  return {
    name: `pointwise ${activation} ${combined}`,
    key: `${files} ${combined} pointwise ROW=${row} COLUMNS=${columns}u`,
    groups: [Math.ceil(columns / 256), 2, 1],
    inputs: [a, b],
    output: [2, columns * 2 + 4],
    first: 0,
    expected: floatsOf(a).map(combine),
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
