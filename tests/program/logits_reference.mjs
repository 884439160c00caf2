// Writes logits.json: logits of architectures that ../shared has no files of, from llama.cpp. Usage:
// node tests/program/logits_reference.mjs
import { writeFileSync } from 'node:fs';

import { rows, short, withModels } from './llama_cpp.mjs';
import { inRepository } from './program.mjs';

const every = 16; // of a row's logits
const tokens = Array.from({ length: 40 }, (_, i) => (i * 37 + 11) % 1000);
/** Before, at and far behind the end of a window of 8. */
const positions = [0, 3, 7, 8, 9, 15, 24, 39];
const exact = { temperature: 1, topK: 0, topP: 1, minP: 0 };

/** Logarithms of probabilities are logits but for a constant of the row. */
async function logits(model, contextSize) {
  const context = await model.createContext({
    contextSize,
    batchSize: 64,
    experimentalKvCacheKeyType: 'F32',
    experimentalKvCacheValueType: 'F32',
  });
  const answers = await context
    .getSequence()
    .controlledEvaluate(tokens.map((token) => [token, { generateNext: { probabilities: true, options: exact } }]));
  await context.dispose();
  return positions.map((position) => {
    const { probabilities } = answers[position].next;
    const row = [];
    for (let id = 0; id < probabilities.size; id += every) row.push(short(Math.log(probabilities.get(id))));
    return row;
  });
}

const names = [
  'tiny-gemma',
  'tiny-gemma2',
  'tiny-gemma3',
  'tiny-phi3',
  'tiny-mixtral',
  'tiny-olmoe',
  'tiny-qwen2moe',
  'tiny-qwen3moe',
  'tiny-granite',
  'tiny-granitemoe',
  'tiny-smollm3',
  'tiny-olmo2',
];
const shapes = await withModels(names, async (model, shape) => {
  // Phi-3 has other rotary factors in contexts longer than 256.
  const contexts = shape === 'tiny-phi3' ? [256, 512] : [512];
  const parts = [];
  for (const context of contexts) parts.push(`"${context}": ${rows(await logits(model, context))}`);
  return `{${parts.join(',\n')}}`;
});
const parts = Object.entries(shapes).map(([name, contexts]) => `"${name}": ${contexts}`);
const head = `"every": ${every}, "tokens": ${JSON.stringify(tokens)}, "positions": ${JSON.stringify(positions)}`;
writeFileSync(inRepository('tests/program/logits.json'), `{${head}, "shapes": {\n${parts.join(',\n')}}}\n`);
