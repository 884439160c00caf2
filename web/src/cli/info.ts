import { estimate } from 'wasm-chord';
import type { Estimate } from 'wasm-chord';
import { engineOptions, modelOptions, modelUsage, sourceOf, tokenFor } from './model.js';
import { megabytes } from './progress.js';
import { UsageError, parse } from './usage.js';

export const infoUsage = `usage: wasm-chord info MODEL [options]

What a model is, and what it takes to run it here, from the header of its file alone.
${modelUsage}
  --json                    print JSON instead of a table
`;

export async function info(args: readonly string[]): Promise<void> {
  const { values, positionals } = parse({
    args: [...args],
    allowPositionals: true,
    options: { ...modelOptions, json: { type: 'boolean', default: false } },
  });
  const [model, ...rest] = positionals;
  if (model === undefined || rest.length > 0) throw new UsageError('usage: wasm-chord info MODEL [options]');
  const found = await estimate(sourceOf(model), { ...engineOptions(values), token: tokenFor(model), cache: false });
  process.stdout.write(values.json ? `${JSON.stringify(found, undefined, 2)}\n` : toTable(found));
}

function toTable(found: Estimate): string {
  const { memory, gpu } = found;
  const rows: [string, string][] = [
    ['name', found.name],
    ['architecture', found.architecture],
    ['weights', `${found.quantization}, ${(found.parameters / 1e6).toFixed(1)} million parameters`],
    ['trained context', `${found.trainedContextLength} tokens`],
    ['context here', `${found.contextLength} tokens, ${found.conversations} conversations kept at most`],
    ['memory, weights', megabytes(memory.weights)],
    ['memory, KV cache', megabytes(memory.kvCache)],
    ['memory, activations', megabytes(memory.scratch)],
    [
      'memory, all',
      `${megabytes(memory.total)} of ${megabytes(found.available)}: ${found.fits ? 'fits' : 'does not fit'}`,
    ],
    ['memory, on the GPU', gpu.memory ? megabytes(gpu.memory.total) : gpu.reason],
  ];
  return rows.map(([name, value]) => `${name.padEnd(20)} ${value}\n`).join('');
}
