#!/usr/bin/env node
// The program wasm-chord: the package on the command line of Node.
import { readFile } from 'node:fs/promises';
import { isRecord } from '../chat/messages.js';
import { messageOf } from '../errors.js';
import { bench, benchUsage } from './bench.js';
import { cache, cacheUsage } from './cache.js';
import { chat, chatUsage } from './chat.js';
import { info, infoUsage } from './info.js';
import { run, runUsage } from './run.js';
import { serve, serveUsage } from './serve.js';
import { UsageError } from './usage.js';

interface Command {
  readonly summary: string;
  readonly usage: string;
  run(args: readonly string[]): Promise<void>;
}

const commands = new Map<string, Command>([
  ['run', { summary: 'answer a prompt', usage: runUsage, run }],
  ['chat', { summary: 'talk with a model', usage: chatUsage, run: chat }],
  ['serve', { summary: "answer requests in the shapes of OpenAI's HTTP API", usage: serveUsage, run: serve }],
  ['info', { summary: 'say what a model is and takes', usage: infoUsage, run: info }],
  ['bench', { summary: 'measure loading, prefill and decoding', usage: benchUsage, run: bench }],
  ['cache', { summary: 'list and delete what was downloaded', usage: cacheUsage, run: cache }],
]);

function usage(): string {
  const rows = [...commands].map(([name, { summary }]) => `  ${name.padEnd(8)} ${summary}`);
  return `usage: wasm-chord COMMAND [--help] ...\n\n${rows.join('\n')}\n\n--version prints that of the package.\n`;
}

async function packageVersion(): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
  return isRecord(manifest) ? String(manifest['version']) : '';
}

async function main([name, ...args]: readonly string[]): Promise<void> {
  if (name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(usage());
    return;
  }
  if (name === '--version') {
    process.stdout.write(`${await packageVersion()}\n`);
    return;
  }
  const command = commands.get(name ?? '');
  if (!command)
    throw new UsageError(`${name === undefined ? '' : `there is no command '${name}'\n\n`}${usage().trimEnd()}`);
  if (args.includes('--help') || args.includes('-h')) process.stdout.write(command.usage);
  else await command.run(args);
}

// Exit codes as the native program's: 1 where the work could not be done, 2 where the command line is wrong; and as
// shells have it 130 after Ctrl-C.
try {
  await main(process.argv.slice(2));
} catch (error) {
  const interrupted = error instanceof Error && 'code' in error && error.code === 'cancelled';
  if (interrupted) process.stderr.write('\n');
  else process.stderr.write(`wasm-chord: ${messageOf(error)}\n`);
  process.exitCode = interrupted ? 130 : error instanceof UsageError ? 2 : 1;
}
