// An import map does not hold in a worker, so the package is named by its path; a bundler takes its name.
import { load } from './node_modules/wasm-chord/dist/web-webgpu/index.js';

// This is a worker already: the engine needs no other.
const engine = await load('model.gguf', { worker: false });
postMessage({ ready: engine.info.name });

onmessage = async ({ data: question }) => {
  const messages = [{ role: 'user', content: question }];
  for await (const { text } of engine.generate(messages, { temperature: 0 })) postMessage({ text });
};
