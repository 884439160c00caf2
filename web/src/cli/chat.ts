import { readFile, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import type { ChatMessage, Engine, GenerateOptions } from 'wasm-chord';
import { messageOf } from '../errors.js';
import { modelOptions, modelUsage, openEngine } from './model.js';
import { generateOptions, samplingOptions, samplingUsage } from './sampling.js';
import { speeds } from './speeds.js';
import { UsageError, parse } from './usage.js';

export const chatUsage = `usage: wasm-chord chat MODEL [options]

Talks with a model, a line for each question. Ctrl-C stops an answer; /help lists what can be said to the program.
${modelUsage}
  --system TEXT             what the model is to be like
  --history FILE            go on with a conversation that /save wrote
${samplingUsage}`;

const help = `/reset      forget the conversation
/save FILE  write it to a file, as JSON
/exit       end; Ctrl-D, too
`;

export async function chat(args: readonly string[]): Promise<void> {
  const { values, positionals } = parse({
    args: [...args],
    allowPositionals: true,
    options: { ...modelOptions, ...samplingOptions, system: { type: 'string' }, history: { type: 'string' } },
  });
  const [model, ...rest] = positionals;
  if (model === undefined || rest.length > 0) throw new UsageError('usage: wasm-chord chat MODEL [options]');
  const options = generateOptions(values);
  const system: ChatMessage[] = values.system === undefined ? [] : [{ role: 'system', content: values.system }];
  const conversation = new Conversation(
    values.history === undefined ? system : await readHistory(values.history),
    system,
  );

  const loading = new AbortController();
  const interrupt = (): void => {
    loading.abort();
  };
  process.once('SIGINT', interrupt);
  const engine = await openEngine(model, values, loading.signal);
  process.off('SIGINT', interrupt);
  try {
    const { name, architecture, device, variant } = engine.info;
    process.stderr.write(
      `${name || architecture}, on ${device === 'cpu' ? `the CPU (${variant})` : 'the GPU'}; /help\n`,
    );
    await converse(engine, conversation, options);
  } finally {
    await engine.dispose();
  }
}

/** The messages so far. What the program is told to forget leaves the system's. */
class Conversation {
  messages: ChatMessage[];
  readonly #beginning: readonly ChatMessage[];

  constructor(messages: readonly ChatMessage[], beginning: readonly ChatMessage[]) {
    this.messages = [...messages];
    this.#beginning = beginning;
  }

  reset(): void {
    this.messages = [...this.#beginning];
  }
}

async function converse(engine: Engine, conversation: Conversation, options: GenerateOptions): Promise<void> {
  const isTerminal = process.stdin.isTTY;
  const lines = createInterface({
    input: process.stdin,
    output: isTerminal ? process.stdout : undefined,
    prompt: '> ',
  });
  let answering: AbortController | undefined;
  lines.on('SIGINT', () => {
    if (answering) answering.abort();
    else lines.close();
  });
  if (isTerminal) lines.prompt();
  // Lines that come while the model answers wait here.
  for await (const line of lines) {
    if (line === '/exit') break;
    if (line.startsWith('/')) {
      await obey(line, conversation);
    } else if (line.trim() !== '') {
      answering = new AbortController();
      await answer(engine, conversation, line, { ...options, signal: answering.signal });
      answering = undefined;
    }
    if (isTerminal) lines.prompt();
  }
  lines.close();
}

async function obey(line: string, conversation: Conversation): Promise<void> {
  const [command, ...words] = line.split(' ');
  const file = words.join(' ').trim();
  if (command === '/reset') {
    conversation.reset();
    process.stderr.write('The conversation is forgotten.\n');
  } else if (command === '/save' && file !== '') {
    try {
      await writeFile(file, `${JSON.stringify(conversation.messages, undefined, 2)}\n`);
      process.stderr.write(`${conversation.messages.length} messages are in ${file}.\n`);
    } catch (error) {
      process.stderr.write(`${messageOf(error)}\n`);
    }
  } else {
    process.stderr.write(help);
  }
}

// A question that fails, or whose answer is stopped before it begins, leaves the conversation as it was.
async function answer(
  engine: Engine,
  conversation: Conversation,
  question: string,
  options: GenerateOptions,
): Promise<void> {
  const asked: ChatMessage[] = [...conversation.messages, { role: 'user', content: question }];
  let text = '';
  try {
    const generation = engine.generate(asked, options);
    for await (const piece of generation) {
      text += piece.text;
      process.stdout.write(piece.text);
    }
    process.stdout.write('\n');
    process.stderr.write(`${speeds(await generation.result)}\n`);
  } catch (error) {
    process.stderr.write(`${text === '' ? '' : '\n'}${messageOf(error)}\n`);
  }
  if (text !== '') conversation.messages = [...asked, { role: 'assistant', content: text }];
}

// The engine checks what messages hold when it is asked the first question.
async function readHistory(file: string): Promise<readonly ChatMessage[]> {
  try {
    const parsed: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (isMessages(parsed)) return parsed;
  } catch (error) {
    throw new UsageError(`--history: ${file}: ${messageOf(error)}`, { cause: error });
  }
  throw new UsageError(`--history: ${file} holds no conversation; /save writes one`);
}

function isMessages(value: unknown): value is ChatMessage[] {
  return Array.isArray(value) && value.every((message: unknown) => typeof message === 'object' && message !== null);
}
