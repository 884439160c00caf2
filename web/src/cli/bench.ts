import { basename } from 'node:path';
import init, { bench as measure, toTable } from 'wasm-chord/bench';
import { UsageError, oneOf, parse, wholeNumber } from './usage.js';

export const benchUsage = `usage: wasm-chord bench MODEL [options]

Measures loading, prefill and decoding of a GGUF file, named by its path or URL: medians and ranges over several
runs, after one that does not count; and how much of the memory's bandwidth decoding takes up.

  --prompt N,...     tokens of the prompt, several lengths in turn (64)
  --generate N       tokens generated (32)
  --runs N           how many (5)
  --repeat           the prompt repeats its first 16 tokens
  --draft N          tokens computed ahead in each step by prompt lookup, 0 to 15 (0)
  --kv f16|f32|q8_0  type of the KV cache (f16)
  --threads N        that compute (by the number of processors)
  --kernels NAME     force a kernel variant: simd128, relaxed or relaxed64 (the fastest that Node supports)
  --json             print JSON instead of a table
`;

const kvTypes = ['f16', 'f32', 'q8_0'] as const;
const variants = ['simd128', 'relaxed', 'relaxed64'] as const;

export async function bench(args: readonly string[]): Promise<void> {
  const { values, positionals } = parse({
    args: [...args],
    allowPositionals: true,
    options: {
      prompt: { type: 'string', default: '64' },
      generate: { type: 'string', default: '32' },
      runs: { type: 'string', default: '5' },
      repeat: { type: 'boolean', default: false },
      draft: { type: 'string', default: '0' },
      kv: { type: 'string', default: 'f16' },
      threads: { type: 'string' },
      kernels: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const [model, ...rest] = positionals;
  if (model === undefined || rest.length > 0) throw new UsageError('usage: wasm-chord bench MODEL [options]');
  const options = {
    file: basename(model),
    promptTokens: values.prompt.split(',').map((length) => wholeNumber('prompt', length, 1)),
    generatedTokens: wholeNumber('generate', values.generate, 2),
    runs: wholeNumber('runs', values.runs, 1),
    kvType: oneOf('kv', values.kv, kvTypes),
    repeated: values.repeat,
    draftTokens: wholeNumber('draft', values.draft, 0),
  };
  await init({
    threads: values.threads === undefined ? undefined : wholeNumber('threads', values.threads, 1),
    variant: values.kernels === undefined ? undefined : oneOf('kernels', values.kernels, variants),
  });
  const report = await measure(model, options);
  process.stdout.write(values.json ? `${JSON.stringify(report, undefined, 2)}\n` : toTable(report));
}
