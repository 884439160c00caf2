// Attention, one token and several.
import { attention, capped, dot, fromQ8Words, q8Words } from '../gpu_reference.mjs';
import { constants, each, float, floatsOf, stepAt, stepWords, textWords } from './common.mjs';

// Queries of the last `tokens` positions of `count`, over a cache that has room for three more. `texts`: of how many
// cells each text is whose tokens see only it; then all positions have queries.
function attentionInputs(
  count,
  tokens,
  {
    heads = 2,
    kvHeads = 1,
    length = 8,
    window = 0,
    cap = 0,
    causal = true,
    texts = [count],
    q8 = false,
    seed = 41,
  } = {},
) {
  const cells = count + 3;
  const [q, ...stores] = [
    [0, 'floats', seed, tokens * heads * length],
    [1, 'floats', seed + 1, kvHeads * cells * length],
    [2, 'floats', seed + 2, kvHeads * cells * length],
  ];
  const packed = stores.map((store) =>
    each(q8 ? store[3] / 64 : 0, (i) => q8Words(floatsOf(store).slice(i * 64, (i + 1) * 64))),
  );
  const [keys, values] = q8 ? packed.map((pairs, i) => [i + 1, 'words', pairs.flat()]) : stores;
  const held = q8 ? packed.map((pairs) => pairs.flatMap(fromQ8Words)) : stores.map(floatsOf);
  const ends = texts.map((_, i) => texts.slice(0, i + 1).reduce((a, b) => a + b));
  const textOf = (cell) => {
    const index = ends.findIndex((end) => cell < end);
    return [ends[index] - texts[index], ends[index]];
  };
  const kvHead = (head) => Math.floor(head / (heads / kvHeads));
  // What a token sees, or a split of it.
  const rowsOf = (input, head, token, split = 0, splitLength = count) => {
    const own = count - tokens + token;
    const [first, last] = textOf(own);
    const seen = causal ? own + 1 : last;
    const begin = Math.max(window > 0 ? seen - window : 0, split * splitLength, first);
    const at = (i) => (kvHead(head) * cells + i) * length;
    const end = Math.min(seen, (split + 1) * splitLength);
    return each(end - begin, (i) => held[input[0] - 1].slice(at(begin + i), at(begin + i + 1)));
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
    cap,
    causal,
    textOf,
    q,
    keys,
    values,
    rowsOf,
    queryOf,
    key: `${q8 ? 'bytes kv_q8' : 'kv_f32 kv_four'} ${stepAt} cap${constants(typed)} SCALE=${float(0.5)} CAP=${float(cap)}`,
  };
}

/** One token over `count` keys in splits of 128: sums of weighted values, relative to the largest score of a split. */
export function attentionCase(count, options) {
  const { heads, length, cap, q, keys, values, rowsOf, queryOf, key } = attentionInputs(count, 1, options);
  const splits = Math.ceil(count / 128);
  const sumsOf = (head, split) => {
    const [k, v] = [keys, values].map((input) => rowsOf(input, head, 0, split, 128));
    const scores = k.map((row) => capped(0.5 * dot(queryOf(0, head), row), cap));
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
export function attentionRowsCase(count, tokens, options = {}) {
  const { heads, length, cap, causal, textOf, q, keys, values, rowsOf, queryOf, key } = attentionInputs(
    count,
    tokens,
    options,
  );
  const sinks = [5, 'floats', 49, heads];
  const sink = (head) => (options.sinks ? floatsOf(sinks)[head] : -Infinity);
  const one = (token, head) =>
    attention(queryOf(token, head), rowsOf(keys, head, token), rowsOf(values, head, token), 0.5, cap, sink(head));
  const cells = each(tokens, (token) => textOf(count - tokens + token));
  return {
    name: 'attention_rows',
    key: `${key} ${options.sinks ? 'sinks' : 'no_sinks'} attention_rows TOKEN_COUNT_AT=2u CAUSAL=${causal}`,
    groups: [heads, Math.ceil(tokens / 64), 1],
    inputs: [q, keys, values, ...(options.sinks ? [sinks] : []), textWords(count - tokens, ...cells)],
    output: [3, (tokens + 1) * heads * length],
    first: 0,
    expected: each(tokens, (token) => each(heads, (head) => one(token, head))).flat(2),
  };
}

/** Splits as attention.wgsl leaves them, of which `count` keys have something in each. */
export function mergeCase(count, { heads = 2, length = 8, sinks = false, seed = 44 } = {}) {
  const splits = Math.ceil(count / 128) + 1;
  const [sums, totals] = [
    [0, 'floats', seed, heads * splits * length],
    [1, 'floats', seed + 1, heads * splits * 2],
  ];
  const used = Math.ceil(count / 128);
  const given = [5, 'floats', seed + 2, heads];
  const merged = (head, lane) => {
    const parts = each(used, (i) => head * splits + i);
    const weights = parts.map((at) => Math.exp(floatsOf(totals)[2 * at]));
    const sum = dot(
      weights,
      parts.map((at) => floatsOf(sums)[at * length + lane]),
    );
    const total = dot(
      weights,
      parts.map((at) => floatsOf(totals)[2 * at + 1]),
    );
    return sum / (total + (sinks ? Math.exp(floatsOf(given)[head]) : 0));
  };
  return {
    name: 'attention_merge',
    key: `${stepAt} ${sinks ? 'sinks' : 'no_sinks'} attention_merge HEADS=${heads}u VALUE_LENGTH=${length}u SPLIT=128u SPLITS=${splits}u`,
    groups: [Math.ceil((heads * length) / 256), 1, 1],
    inputs: [sums, totals, ...(sinks ? [given] : []), stepWords(count - 1)],
    output: [2, heads * length],
    first: 0,
    expected: each(heads, (head) => each(length, (lane) => merged(head, lane))).flat(),
  };
}
