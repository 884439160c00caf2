// What each kernel of src/webgpu/shaders has to compute, in doubles and written to be read: for the vectors of the
// self-test, which are made at build time, and for the tests of the kernels.

const f16 = (bits) => {
  const magnitude = bits & 0x7fff;
  const exponent = magnitude >> 10;
  const mantissa = magnitude & 1023;
  const value = exponent === 0 ? mantissa * 2 ** -24 : (1024 + mantissa) * 2 ** (exponent - 25);
  return bits & 0x8000 ? -value : value;
};
/** The nearest f16, of numbers that are normal there. */
function bitsOfHalf(value) {
  const exponent = Math.floor(Math.log2(value));
  const mantissa = value / 2 ** (exponent - 10);
  const even = 2 * Math.round(mantissa / 2);
  const rounded = Math.abs(mantissa % 1) === 0.5 ? even : Math.round(mantissa);
  return ((exponent + 14) << 10) + rounded;
}
const f32 = (bits) => new Float32Array(Uint32Array.of(bits).buffer)[0];
const signed = (byte) => (byte << 24) >> 24;

// A block's planes, as bytes. low and high: of a byte's two nibbles, as the types without superblocks keep them.
const half = (bytes, at) => f16(bytes[at] | (bytes[at + 1] << 8));
const nibble = (bytes, i) => (i < 16 ? bytes[i] & 15 : bytes[i - 16] >> 4);
const bit = (bytes, i) => (bytes[i >> 3] >> (i & 7)) & 1;
const each = (length, make) => Array.from({ length }, (_, i) => make(i));

// Six bits of scale and of minimum, of Q4_K and Q5_K.
function kScales(s, j) {
  if (j < 4) return [s[j] & 63, s[j + 4] & 63];
  return [(s[j + 4] & 15) | ((s[j - 4] >> 6) << 4), (s[j + 4] >> 4) | ((s[j] >> 6) << 4)];
}
const kBlock = (fifth) => (main) => {
  const [d, dmin] = [half(main, 0), half(main, 2)];
  const quants = main.subarray(fifth ? 48 : 16);
  return each(256, (i) => {
    const j = i >> 5;
    const [scale, minimum] = kScales(main.subarray(4, 16), j);
    const byte = quants[(j >> 1) * 32 + (i & 31)];
    const high = fifth ? ((main[16 + (i & 31)] >> j) & 1) << 4 : 0;
    return d * scale * ((j & 1 ? byte >> 4 : byte & 15) | high) - dmin * minimum;
  });
};
const iq4 = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];

/** By type: bytes of a block's two planes, the files of src/webgpu/format.cc, and its weights. */
export const formats = {
  f32: {
    main: 128,
    rest: 0,
    files: 'f32',
    decode: (main) => each(32, (i) => f32(new Uint32Array(main.slice().buffer)[i])),
  },
  f16: { main: 64, rest: 0, files: 'f16', decode: (main) => each(32, (i) => half(main, 2 * i)) },
  bf16: {
    main: 64,
    rest: 0,
    files: 'bf16',
    decode: (main) => each(32, (i) => f32(((main[2 * i] << 16) | (main[2 * i + 1] << 24)) >>> 0)),
  },
  q4_0: {
    main: 16,
    rest: 2,
    files: 'half less nibbles int8_q4_0',
    decode: (main, rest) => each(32, (i) => half(rest, 0) * (nibble(main, i) - 8)),
  },
  q4_1: {
    main: 16,
    rest: 4,
    files: 'nibbles int8_q4_1',
    decode: (main, rest) => each(32, (i) => half(rest, 0) * nibble(main, i) + half(rest, 2)),
  },
  q5_0: {
    main: 16,
    rest: 6,
    files: 'half less nibbles fifth_bits int8_q5_0',
    decode: (main, rest) => each(32, (i) => half(rest, 0) * ((nibble(main, i) | (bit(rest.subarray(2), i) << 4)) - 16)),
  },
  q5_1: {
    main: 16,
    rest: 8,
    files: 'nibbles fifth_bits int8_q5_1',
    decode: (main, rest) =>
      each(32, (i) => half(rest, 0) * (nibble(main, i) | (bit(rest.subarray(4), i) << 4)) + half(rest, 2)),
  },
  q8_0: {
    main: 32,
    rest: 2,
    files: 'half int8_q8_0',
    decode: (main, rest) => each(32, (i) => half(rest, 0) * signed(main[i])),
  },
  q2_k: {
    main: 80,
    rest: 4,
    files: 'int8_q2_k',
    decode: (main, rest) =>
      each(256, (i) => {
        const scale = main[i >> 4];
        const quant = (main[16 + (i >> 7) * 32 + (i & 31)] >> (((i >> 5) & 3) * 2)) & 3;
        return half(rest, 0) * (scale & 15) * quant - half(rest, 2) * (scale >> 4);
      }),
  },
  q3_k: {
    main: 96,
    rest: 14,
    files: 'half less int8_q3_k',
    decode: (main, rest) =>
      each(256, (i) => {
        const j = i >> 4;
        const low = j < 8 ? rest[j] & 15 : rest[j - 8] >> 4;
        const scale = (low | (((rest[8 + (j & 3)] >> ((j >> 2) * 2)) & 3) << 4)) - 32;
        const quant = (main[32 + (i >> 7) * 32 + (i & 31)] >> (((i >> 5) & 3) * 2)) & 3;
        const third = (main[i & 31] >> (i >> 5)) & 1;
        return half(rest, 12) * scale * (quant - (third ? 0 : 4));
      }),
  },
  q4_k: { main: 144, rest: 0, files: 'nibbles k_scales int8_q4_k', decode: kBlock(false) },
  q5_k: { main: 176, rest: 0, files: 'nibbles k_scales int8_q5_k', decode: kBlock(true) },
  q6_k: {
    main: 208,
    rest: 2,
    files: 'half less nibbles int8_q6_k',
    decode: (main, rest) =>
      each(256, (i) => {
        const quarter = (i >> 5) & 3;
        const low = main[(i >> 7) * 64 + (quarter & 1) * 32 + (i & 31)] >> ((quarter >> 1) * 4);
        const high = main[128 + (i >> 7) * 32 + (i & 31)] >> (quarter * 2);
        return half(rest, 0) * signed(main[192 + (i >> 4)]) * (((low & 15) | ((high & 3) << 4)) - 32);
      }),
  },
  iq4_nl: {
    main: 16,
    rest: 2,
    files: 'half nibbles four_bits int8_iq4_nl',
    decode: (main, rest) => each(32, (i) => half(rest, 0) * iq4[nibble(main, i)]),
  },
  iq4_xs: {
    main: 128,
    rest: 8,
    files: 'nibbles four_bits int8_iq4_xs',
    decode: (main, rest) =>
      each(256, (i) => {
        const j = i >> 5;
        const low = (rest[4 + (j >> 1)] >> ((j & 1) * 4)) & 15;
        const high = ((rest[2] | (rest[3] << 8)) >> (2 * j)) & 3;
        return half(rest, 0) * ((low | (high << 4)) - 32) * iq4[nibble(main.subarray(j * 16), i & 31)];
      }),
  },
};

/** Weights [count] of a type from its two planes. */
export function decode(type, main, rest, count) {
  const format = formats[type];
  const weights = [];
  for (let block = 0; weights.length < count; block++) {
    const part = (plane, bytes) => plane.subarray(block * bytes, (block + 1) * bytes);
    weights.push(...format.decode(part(main, format.main), part(rest, format.rest)));
  }
  return weights;
}

/** Two blocks of Q8_0, of 64 numbers, as 17 words. */
export function q8Words(x) {
  const bytes = [x.slice(0, 32), x.slice(32)].flatMap((block) => {
    const scale = Math.fround(Math.max(...block.map(Math.abs)) / 127);
    const bits = bitsOfHalf(scale);
    return [bits & 255, bits >> 8, ...block.map((value) => Math.round(value / scale) & 255)];
  });
  return [...new Uint32Array(Uint8Array.from(bytes).buffer)];
}

/** What they stand for. */
export function fromQ8Words(words) {
  const bytes = new Uint8Array(Uint32Array.from(words).buffer);
  return [0, 34].flatMap((at) => each(32, (i) => half(bytes, at) * signed(bytes[at + 2 + i])));
}

export const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);

export function matvec(weights, x, rows) {
  const columns = x.length;
  return each(rows, (row) => dot(weights.slice(row * columns, (row + 1) * columns), x));
}

/** `bias`: of a layer norm, which takes the mean away first. */
export function norm(x, weight, epsilon, bias) {
  const mean = bias ? x.reduce((a, b) => a + b) / x.length : 0;
  const around = x.map((value) => value - mean);
  const factor = 1 / Math.sqrt(dot(around, around) / x.length + epsilon);
  return around.map((value, i) => value * factor * weight[i] + (bias?.[i] ?? 0));
}

/** One head. `turns`: a turn's fraction per position, for each pair. */
export function rope(x, turns, position, halves) {
  const out = [...x];
  turns.forEach((turn, pair) => {
    const [first, second] = halves ? [pair, pair + turns.length] : [2 * pair, 2 * pair + 1];
    const angle = 2 * Math.PI * ((turn * position) % 1);
    out[first] = x[first] * Math.cos(angle) - x[second] * Math.sin(angle);
    out[second] = x[first] * Math.sin(angle) + x[second] * Math.cos(angle);
  });
  return out;
}

/** cap · tanh(x / cap); 0: x. */
export const capped = (x, cap) => (cap === 0 ? x : cap * Math.tanh(x / cap));

/** One head's query over keys and values, each a list of rows. `sink`: a score that has no value. */
export function attention(query, keys, values, scale, cap = 0, sink = -Infinity) {
  const scores = keys.map((key) => capped(scale * dot(query, key), cap));
  const largest = Math.max(...scores, sink);
  const weights = scores.map((score) => Math.exp(score - largest));
  const total = weights.reduce((a, b) => a + b) + Math.exp(sink - largest);
  return values[0].map((_, i) => weights.reduce((sum, weight, key) => sum + weight * values[key][i], 0) / total);
}

export const silu = (x) => x / (1 + Math.exp(-x));
/** The tanh approximation. */
export const gelu = (x) => (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));

/** Noise of src/sampling/noise.h; seed and position are two words each, the lower one first. */
export function gumbel(token, seed, position) {
  let counter = [token, ...position, 0].map(BigInt);
  let key = seed.map(BigInt);
  for (let i = 0; i < 10; i++) {
    const [p, q] = [0xd2511f53n * counter[0], 0xcd9e8d57n * counter[2]];
    const low = (x) => x & 0xffffffffn;
    counter = [(q >> 32n) ^ counter[1] ^ key[0], low(q), (p >> 32n) ^ counter[3] ^ key[1], low(p)];
    key = [low(key[0] + 0x9e3779b9n), low(key[1] + 0xbb67ae85n)];
  }
  const bits = ((counter[1] << 32n) | counter[0]) >> 12n;
  return -Math.log(-Math.log((Number(bits) + 0.5) / 2 ** 52));
}

/** What src/sampling/sampler.h chooses of a list in order. `total`: of the exponentials of all tokens. */
export function draw(list, { seed, position, temperature, topK, topP, minP, total }) {
  if (temperature === 0) return list[0].token;
  const above = list.map(({ logit }) => logit - list[0].logit);
  const limit = topK > 0 ? Math.min(topK, list.length) : list.length;
  const exponentials = above.slice(0, limit).map(Math.exp);
  const whole = topK > 0 && topK <= list.length ? exponentials.reduce((a, b) => a + b) : total;
  let before = 0;
  let best = { score: -Infinity };
  exponentials.forEach((exponential, i) => {
    const kept = i === 0 || ((topP >= 1 || before < topP * whole) && (minP <= 0 || above[i] >= Math.log(minP)));
    before += exponential;
    const score = above[i] / temperature + gumbel(list[i].token, seed, position);
    if (kept && score > best.score) best = { score, token: list[i].token };
  });
  return best.token;
}
