// Writes embeddings.json: what llama.cpp makes of embedding_texts.json with models of `chord synth`, through
// node-llama-cpp (npm ci --prefix tools/peers). Usage: node tests/program/embeddings_reference.mjs
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { getLlama } from '../../tools/peers/node_modules/node-llama-cpp/dist/index.js';
import { inRepository, succeed } from './program.mjs';

/** Every 16th number of an embedding is enough to tell it from another. */
const every = 16;

const texts = JSON.parse(readFileSync(inRepository('tests/program/embedding_texts.json'), 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'chord-'));
const llama = await getLlama({ gpu: false, build: 'never', skipDownload: true, logLevel: 'error' });
const shapes = {};
for (const shape of ['tiny-bert', 'tiny-nomic', 'tiny-qwen3-embedding']) {
  const file = join(folder, `${shape}.gguf`);
  await succeed('synth', '--shape', shape, '--type', 'f32', file);
  const model = await llama.loadModel({ modelPath: file, gpuLayers: 0 });
  const context = await model.createEmbeddingContext({ contextSize: 128, batchSize: 128 });
  const { bos, eos, sep, shouldPrependBosToken, shouldAppendEosToken } = model.tokens;
  const framed = shape !== 'tiny-qwen3-embedding';
  const tokens = [];
  const embeddings = [];
  for (const text of texts) {
    const ids = [...model.tokenize(text, true)];
    if (framed || shouldPrependBosToken) ids.unshift(bos);
    if (framed || shouldAppendEosToken) ids.push(framed ? (sep ?? eos) : eos);
    tokens.push(ids);
    const { vector } = await context.getEmbeddingFor(ids);
    const length = Math.hypot(...vector);
    embeddings.push(vector.filter((_, i) => i % every === 0).map((value) => Number((value / length).toFixed(6))));
  }
  shapes[shape] = { tokens, embeddings };
  await context.dispose();
  await model.dispose();
}
rmSync(folder, { recursive: true });
const rows = (lists) => `[\n${lists.map((list) => JSON.stringify(list)).join(',\n')}\n]`;
const parts = Object.entries(shapes).map(
  ([name, { tokens, embeddings }]) => `"${name}": {"tokens": ${rows(tokens)}, "embeddings": ${rows(embeddings)}}`,
);
writeFileSync(inRepository('tests/program/embeddings.json'), `{"every": ${every},\n${parts.join(',\n')}}\n`);
await llama.dispose();
