// For the scripts that write references: models of `chord synth` in llama.cpp, through node-llama-cpp
// (npm ci --prefix tools/peers).
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { getLlama } from '../../tools/peers/node_modules/node-llama-cpp/dist/index.js';
import { succeed } from './program.mjs';

/** Calls use(model) with the model of each shape in turn; resolves to what that resolved to, by shape. */
export async function withModels(shapes, use) {
  const folder = mkdtempSync(join(tmpdir(), 'chord-'));
  const llama = await getLlama({
    gpu: false,
    build: 'never',
    skipDownload: true,
    logLevel: 'error',
  });
  const results = {};
  for (const shape of shapes) {
    const file = join(folder, `${shape}.gguf`);
    await succeed('synth', '--shape', shape, '--type', 'f32', file);
    const model = await llama.loadModel({ modelPath: file, gpuLayers: 0 });
    results[shape] = await use(model, shape);
    await model.dispose();
  }
  await llama.dispose();
  rmSync(folder, { recursive: true });
  return results;
}

/** The lists as JSON, one a line. */
export const rows = (lists) => `[\n${lists.map((list) => JSON.stringify(list)).join(',\n')}\n]`;

/** A number in as few letters as a comparison needs. */
export const short = (value) => Number(value.toFixed(6));
