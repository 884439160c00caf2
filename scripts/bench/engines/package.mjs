// The package in the Node that runs this, for children.mjs.
import { answer } from './child.mjs';
import { Benchmark } from '../../../web/dist/node/bench.js';

await answer(async ({ file, promptTokens, generated }) => {
  const benchmark = await Benchmark.open(file, { contextLength: promptTokens + generated });
  return { loadMs: benchmark.loadMs, facts: benchmark.facts(), run: () => benchmark.run(promptTokens, generated) };
});
