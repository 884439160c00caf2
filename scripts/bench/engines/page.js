// The engines that run in a page, for page.mjs. An opened engine has loaded its model; its run() generates once, from
// an empty context, and resolves to tokens a second, by the page's clock.

/** How long the bytes take to arrive, with nothing done to them. */
export async function fetchMs(url) {
  const begin = performance.now();
  const reader = (await fetch(url)).body.getReader();
  while (!(await reader.read()).done);
  return performance.now() - begin;
}

/** The package. */
export async function openChord({ url, promptTokens, generated, threads, variant }) {
  const { default: init, Benchmark } = await import('/web/dist/web-cpu/bench.js');
  const begin = performance.now();
  await init({ threads, variant });
  const initMs = performance.now() - begin;
  const benchmark = await Benchmark.open(url, { contextLength: promptTokens + generated });
  return {
    loadMs: initMs + benchmark.loadMs,
    facts: () => benchmark.facts(),
    run: () => benchmark.run(promptTokens, generated),
  };
}

export async function openWllama({ url, promptTokens, generated, threads }) {
  const esm = '/tools/peers/node_modules/@wllama/wllama/esm/';
  const { Wllama } = await import(`${esm}index.js`);
  const logger = { debug() {}, log() {}, warn() {}, error: console.error };
  const wllama = new Wllama({ default: `${esm}wasm/wllama.wasm` }, { logger, suppressNativeLog: true });
  const begin = performance.now();
  await wllama.loadModel([await (await fetch(url)).blob()], {
    n_ctx: promptTokens + generated,
    n_batch: promptTokens,
    n_gpu_layers: 0,
    n_threads: threads,
    n_parallel: 1,
    warmup: false,
  });
  const loadMs = performance.now() - begin;

  // Resolves to when each chunk came, which is one for every token and one that ends; and to wllama's own counts.
  const complete = async (prompt, maxTokens) => {
    const times = [];
    let counts = {};
    const onData = (chunk) => {
      times.push(performance.now());
      counts = chunk.timings ?? counts;
    };
    const options = { max_tokens: maxTokens, temperature: 0, ignore_eos: true, cache_prompt: false };
    await wllama.createCompletion({ prompt, ...options, stream: true, onData });
    if (counts.predicted_n !== maxTokens)
      throw new Error(`wllama generated ${counts.predicted_n} of ${maxTokens} tokens`);
    return { times, promptTokens: counts.prompt_n };
  };
  const textTokens = promptTokens - (wllama.mustAddBosToken() ? 1 : 0);
  const prompt = await textOfLength(textTokens, promptTokens, async (text) => (await complete(text, 1)).promptTokens);
  return {
    loadMs,
    facts: () => ({
      engine: 'wllama 3.8.1',
      kernels: '',
      threads: wllama.isMultithread() ? wllama.getNumThreads() : 1,
    }),
    run: async () => {
      const start = performance.now();
      const { times } = await complete(prompt, generated);
      const last = times[Math.min(generated, times.length) - 1];
      return {
        prefill: (promptTokens * 1000) / (times[0] - start),
        decode: ((generated - 1) * 1000) / (last - times[0]),
      };
    },
  };
}

// wllama takes a text and no ids. One of exactly `length` tokens is found by trying: digits hardly ever merge, so as
// many as there are tokens of text is a good start.
async function textOfLength(digits, length, countOf) {
  for (let tries = 0; tries < 20; tries++) {
    const text = Array.from({ length: digits }, (_, i) => (i * 7 + (i >> 2)) % 10).join('');
    const count = await countOf(text);
    if (count === length) return text;
    digits += length - count;
  }
  throw new Error(`no text of ${length} tokens was found`);
}
