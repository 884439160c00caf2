import { readFile } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import type { ChatMessage } from 'wasm-chord';
import { formOf, formOptions, formUsage } from './form.js';
import { modelOptions, modelUsage, openEngine } from './model.js';
import { generateOptions, samplingOptions, samplingUsage } from './sampling.js';
import { speeds } from './speeds.js';
import { UsageError, parse, wholeNumber } from './usage.js';

export const runUsage = `usage: wasm-chord run MODEL [PROMPT] [options]

Writes the model's answer to stdout as it is generated. The prompt is the argument, a file, or what comes on stdin.
${modelUsage}
  --prompt-file FILE        the prompt, from a file
  --system TEXT             what the model is to be like
  --raw                     the prompt is a text to go on with, not a question in the model's chat template
${samplingUsage}${formUsage}  -n N                      so many answers, with --- between them, each with the next seed (1)
  --stats                   print counts and speeds to stderr
`;

export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parse({
    args: [...args],
    allowPositionals: true,
    options: {
      ...modelOptions,
      ...samplingOptions,
      ...formOptions,
      'prompt-file': { type: 'string' },
      system: { type: 'string' },
      raw: { type: 'boolean', default: false },
      n: { type: 'string', short: 'n', default: '1' },
      stats: { type: 'boolean', default: false },
    },
  });
  const [model, given, ...rest] = positionals;
  if (model === undefined || rest.length > 0) throw new UsageError('usage: wasm-chord run MODEL [PROMPT] [options]');
  if (values.raw && values.system !== undefined)
    throw new UsageError('--system has no place in a prompt that is --raw');
  const options = { ...generateOptions(values), ...(await formOf(values)) };
  const count = wholeNumber('n', values.n, 1);
  const prompt = await promptOf(given, values['prompt-file']);
  const interrupt = new AbortController();
  process.once('SIGINT', () => {
    interrupt.abort();
  });
  const { signal } = interrupt;

  const engine = await openEngine(model, values, signal);
  try {
    const asked = values.raw ? prompt : messagesOf(values.system, prompt);
    for (let index = 0; index < count; index += 1) {
      if (index > 0) process.stdout.write('---\n');
      // All but the first find the prompt computed.
      const seed = options.seed === undefined ? undefined : BigInt(options.seed) + BigInt(index);
      const generation = engine.generate(asked, { ...options, seed, signal });
      for await (const { text } of generation) process.stdout.write(text);
      process.stdout.write('\n');
      if (values.stats) process.stderr.write(`${speeds(await generation.result)}\n`);
    }
  } finally {
    await engine.dispose();
  }
}

async function promptOf(argument: string | undefined, file: string | undefined): Promise<string> {
  if (argument !== undefined && file !== undefined)
    throw new UsageError('there are two prompts, PROMPT and --prompt-file');
  if (argument !== undefined) return argument;
  if (file !== undefined) return readFile(file, 'utf8');
  if (process.stdin.isTTY)
    throw new UsageError('there is no prompt; give PROMPT, --prompt-file FILE, or text on stdin');
  return (await readAll(process.stdin)).trimEnd();
}

function messagesOf(system: string | undefined, question: string): ChatMessage[] {
  const user: ChatMessage = { role: 'user', content: question };
  return system === undefined ? [user] : [{ role: 'system', content: system }, user];
}
