// Writes embeddings.json: what llama.cpp makes of embedding_texts.json. Usage:
// node tests/program/embeddings_reference.mjs
import { readFileSync, writeFileSync } from 'node:fs';

import { rows, short, withModels } from './llama_cpp.mjs';
import { inRepository } from './program.mjs';

/** Every 16th number of an embedding is enough to tell it from another. */
const every = 16;

const texts = JSON.parse(readFileSync(inRepository('tests/program/embedding_texts.json'), 'utf8'));
const shapes = await withModels(['tiny-bert', 'tiny-nomic', 'tiny-qwen3-embedding'], async (model, shape) => {
  const context = await model.createEmbeddingContext({
    contextSize: 128,
    batchSize: 128,
  });
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
    embeddings.push(vector.filter((_, i) => i % every === 0).map((value) => short(value / length)));
  }
  await context.dispose();
  return { tokens, embeddings };
});
const parts = Object.entries(shapes).map(
  ([name, { tokens, embeddings }]) => `"${name}": {"tokens": ${rows(tokens)}, "embeddings": ${rows(embeddings)}}`,
);
writeFileSync(inRepository('tests/program/embeddings.json'), `{"every": ${every},\n${parts.join(',\n')}}\n`);
