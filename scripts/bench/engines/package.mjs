// The package in the Node that runs this, for processes.mjs.
import { answer } from './child.mjs';
import init, { Benchmark } from '../../../web/dist/node/bench.js';

await answer(async ({ file, promptTokens, generated, threads, variant }) => {
  const begin = performance.now();
  await init({ threads, variant });
  const initMs = performance.now() - begin;
  const benchmark = await Benchmark.open(file, { contextLength: promptTokens + generated });
  return {
    loadMs: initMs + benchmark.loadMs,
    facts: benchmark.facts(),
    run: () => benchmark.run(promptTokens, generated),
  };
});
