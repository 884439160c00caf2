// The ratios that this project holds itself to, each with what it must reach.

const speed = (measured, engine, what) => measured.engines[engine]?.[what].median;
const ratio = (engine, against, what) => (measured) => speed(measured, engine, what) / speed(measured, against, what);
const better =
  (...values) =>
  (measured) =>
    Math.max(...values.map((value) => value(measured)).filter(Number.isFinite));

const tinyLlama =
  (type) =>
  ({ file }) =>
    file === `tinyllama-1.1b-${type}.gguf`;
const chordTiny = ({ file }) => file === 'chord-tiny-q8_0.gguf';
const every = () => true;

const packageAgainstLlamaCpp = (what) => better(ratio('chromium', 'llama.cpp', what), ratio('node', 'llama.cpp', what));
const simd128 = (what) => (measured) =>
  measured.engines.node?.kernels.startsWith('relaxed') ? ratio('node-simd128', 'node', what)(measured) : NaN;

const figures = [
  ['Chromium / wllama, decode', tinyLlama('q4_k_m'), ratio('chromium', 'wllama', 'decode'), { atLeast: 4.4 }],
  ['Chromium / wllama, prefill', tinyLlama('q4_k_m'), ratio('chromium', 'wllama', 'prefill'), { atLeast: 5 }],
  ['Chromium / wllama, decode', tinyLlama('q4_0'), ratio('chromium', 'wllama', 'decode'), { atLeast: 12 }],
  ['Chromium / wllama, prefill', tinyLlama('q4_0'), ratio('chromium', 'wllama', 'prefill'), { atLeast: 18 }],
  ['Chromium / wllama, decode', tinyLlama('q8_0'), ratio('chromium', 'wllama', 'decode'), { atLeast: 4 }],
  ['Chromium / wllama, prefill', tinyLlama('q8_0'), ratio('chromium', 'wllama', 'prefill'), { atLeast: 8 }],
  ['Chromium / wllama, decode', chordTiny, ratio('chromium', 'wllama', 'decode'), { atLeast: 20 }],
  ['Chromium or Node / llama.cpp, decode', tinyLlama('q4_k_m'), packageAgainstLlamaCpp('decode'), { atLeast: 0.65 }],
  ['Chromium or Node / llama.cpp, prefill', tinyLlama('q4_k_m'), packageAgainstLlamaCpp('prefill'), { atLeast: 0.35 }],
  ['simd128 / relaxed in Node, decode', every, simd128('decode'), { atLeast: 0.65 }],
  ['simd128 / relaxed in Node, prefill', every, simd128('prefill'), { atLeast: 0.4 }],
  ['native / llama.cpp, decode', tinyLlama('q4_k_m'), ratio('native', 'llama.cpp', 'decode'), { atLeast: 0.95 }],
  ['native / llama.cpp, prefill', tinyLlama('q4_k_m'), ratio('native', 'llama.cpp', 'prefill'), { atLeast: 0.8 }],
  [
    'Chromium, loading / fetching',
    ({ weight_bytes: bytes }) => bytes > 1e8,
    ({ loading }) => loading && loading.load_ms.median / loading.fetch_ms.median,
    { atMost: 1.5 },
  ],
  [
    'Chromium, MB of memory beyond model and KV cache',
    every,
    ({ engines: { chromium }, loading, weight_bytes: bytes }) =>
      chromium && (loading.peak_bytes.median - bytes - chromium.kv_bytes) / 1e6,
    { atMost: 100 },
  ],
];

/** The figures that what was measured on a file allows to say. */
export function figuresOf(measured) {
  return figures
    .filter(([, applies]) => applies(measured))
    .map(([name, , value, { atLeast, atMost }]) => ({
      name,
      file: measured.file,
      value: value(measured),
      atLeast,
      atMost,
    }))
    .filter(({ value }) => Number.isFinite(value))
    .map((figure) => ({
      ...figure,
      met: figure.value >= (figure.atLeast ?? -Infinity) && figure.value <= (figure.atMost ?? Infinity),
    }));
}
