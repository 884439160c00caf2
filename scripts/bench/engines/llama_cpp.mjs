// llama.cpp natively through node-llama-cpp, on the CPU, for processes.mjs. What npm installed must do: nothing is
// built or downloaded.
import { getLlama } from '../../../tools/peers/node_modules/node-llama-cpp/dist/index.js';
import { answer } from './child.mjs';

await answer(async ({ file, promptTokens, generated, threads }) => {
  const llama = await getLlama({ gpu: false, build: 'never', skipDownload: true, logLevel: 'error' });
  const begin = performance.now();
  const model = await llama.loadModel({ modelPath: file, gpuLayers: 0, useMmap: false });
  const context = await model.createContext({
    contextSize: promptTokens + generated,
    batchSize: promptTokens,
    sequences: 1,
    threads: { ideal: threads, min: threads },
  });
  const loadMs = performance.now() - begin;
  const sequence = context.getSequence();
  const vocabSize = model.fileInfo.metadata.tokenizer.ggml.tokens.length;
  const prompt = Array.from({ length: promptTokens }, (_, i) => (i * 7919 + 11) % vocabSize);
  return {
    loadMs,
    facts: { engine: `llama.cpp ${llama.llamaCppRelease.release}`, kernels: '', threads: context.currentThreads },
    run: async () => {
      await sequence.clearHistory();
      const start = performance.now();
      const times = [];
      for await (const _ of sequence.evaluate(prompt, { temperature: 0, yieldEogToken: true })) {
        times.push(performance.now());
        if (times.length === generated) break;
      }
      if (times.length < generated) throw new Error(`llama.cpp generated ${times.length} of ${generated} tokens`);
      return {
        prefill: (promptTokens * 1000) / (times[0] - start),
        decode: ((generated - 1) * 1000) / (times.at(-1) - times[0]),
      };
    },
  };
});
