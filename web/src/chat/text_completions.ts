import { ChordError, throwIfAborted } from '../errors.js';
import type { Engine, GenerateOptions, Generation, GenerationResult, Piece } from '../engine/types.js';
import { choicesOf, inTurn } from './choices.js';
import { checkFields, generateOptions, integer, never, onlyOne, samplingFields, streamOptions } from './fields.js';
import type { Fields } from './fields.js';
import { invalid, shown } from './messages.js';
import type {
  Completion,
  CompletionChoice,
  CompletionChunk,
  CompletionCreateParamsBase,
  CompletionLogprobs,
  RequestOptions,
} from './openai.js';
import { finishReason, heading, timingsOf, usageOf } from './response.js';
import { CompletionStream } from './stream.js';
import { tokenLogprob } from './token_logprob.js';

export type TextEngine = Pick<Engine, 'generate' | 'info'>;

const fields: Fields = {
  supported: ['prompt', ...samplingFields, 'logprobs'],
  inert: ['model', 'user'],
  limited: {
    best_of: onlyOne,
    echo: {
      allows: (value) => value === false,
      limit: 'the prompt is not given back; put it before the text yourself',
    },
    suffix: {
      allows: (value) => value === '',
      limit: 'text is written at the end alone; leave it out',
    },
    messages: never('messages belong to chat.completions.create; here it is a prompt'),
  },
};

/** `completions.create`. Rejects with `unsupported_field` and `invalid_argument` before any work. */
export async function createCompletion(
  engine: TextEngine,
  params: CompletionCreateParamsBase,
  options: RequestOptions = {},
): Promise<Completion | CompletionStream<CompletionChunk>> {
  const signal = options.signal ?? undefined;
  checkFields(params, fields);
  const stream = streamOptions(params);
  const prompt = promptOf(params.prompt);
  const topLogprobs = integer(params, 'logprobs', 0, 20);
  const settings: GenerateOptions = {
    ...generateOptions(params),
    logprobs: topLogprobs !== undefined,
    topLogprobs: topLogprobs ?? 0,
  };
  const read = settings.logprobs ? withLogprobs : plain;
  const choices = choicesOf(params, settings);
  throwIfAborted(signal);
  const generate = (stop: AbortSignal | undefined): Generation[] =>
    choices.map((choice) => engine.generate(prompt, { ...choice, signal: stop }));
  if (!stream) return whole(engine, generate(signal), read);
  const { include_usage: withUsage = false } = stream;
  return new CompletionStream((stop) => chunksOf(engine, generate(stop), read, withUsage), signal);
}

function promptOf(prompt: unknown): string {
  const only: unknown = Array.isArray(prompt) && prompt.length === 1 ? prompt[0] : prompt;
  if (typeof only === 'string') return only;
  const what = `prompt is ${shown(prompt)}; it must be a text`;
  if (!Array.isArray(prompt)) throw invalid(what);
  throw new ChordError('unsupported_field', `${what}: make one call for each, and give texts, not tokens`);
}

interface TextPart {
  readonly text: string;
  readonly logprobs: CompletionLogprobs | null;
}

type Read = (generation: Generation) => AsyncGenerator<TextPart>;

async function* plain(generation: Generation): AsyncGenerator<TextPart> {
  for await (const { text } of generation) if (text !== '') yield { text, logprobs: null };
}

// Tokens whose text is held back come with the piece that has it; those of a stop string do not come.
async function* withLogprobs(generation: Generation): AsyncGenerator<TextPart> {
  let pending: Piece[] = [];
  let offset = 0;
  for await (const piece of generation) {
    if (piece.token >= 0) pending.push(piece);
    if (piece.text === '') continue;
    const logprobs = emptyLogprobs();
    for (const entry of pending.map(tokenLogprob)) {
      logprobs.tokens.push(entry.token);
      logprobs.token_logprobs.push(entry.logprob);
      const likeliest = entry.top_logprobs.length === 0 ? [] : [...entry.top_logprobs, entry];
      logprobs.top_logprobs.push(Object.fromEntries(likeliest.map(({ token, logprob }) => [token, logprob])));
      logprobs.text_offset.push(offset);
    }
    pending = [];
    offset += piece.text.length;
    yield { text: piece.text, logprobs };
  }
}

function emptyLogprobs(): CompletionLogprobs {
  return { tokens: [], token_logprobs: [], top_logprobs: [], text_offset: [] };
}

async function whole(engine: TextEngine, generations: readonly Generation[], read: Read): Promise<Completion> {
  const choices = await Promise.all(generations.map((generation, index) => choiceOf(generation, index, read)));
  const results = await Promise.all(generations.map(({ result }) => result));
  return {
    ...heading('cmpl', engine),
    object: 'text_completion',
    choices,
    usage: usageOf(results),
    timings: timingsOf(results),
  };
}

async function choiceOf(generation: Generation, index: number, read: Read): Promise<CompletionChoice> {
  let text = '';
  let logprobs: CompletionLogprobs | null = null;
  for await (const part of read(generation)) {
    text += part.text;
    if (!part.logprobs) continue;
    logprobs ??= emptyLogprobs();
    logprobs.tokens.push(...part.logprobs.tokens);
    logprobs.token_logprobs.push(...part.logprobs.token_logprobs);
    logprobs.top_logprobs.push(...part.logprobs.top_logprobs);
    logprobs.text_offset.push(...part.logprobs.text_offset);
  }
  return { index, text, logprobs, finish_reason: finishReason(await generation.result) };
}

async function* chunksOf(
  engine: TextEngine,
  generations: readonly Generation[],
  read: Read,
  withUsage: boolean,
): AsyncGenerator<CompletionChunk> {
  const head = heading('cmpl', engine);
  const chunk = (choices: CompletionChunk['choices']): CompletionChunk => ({
    ...head,
    object: 'text_completion',
    choices,
    ...(withUsage ? { usage: null } : {}),
  });
  const results: GenerationResult[] = [];
  const answers = generations.map(async function* (generation, index): AsyncGenerator<CompletionChunk> {
    for await (const part of read(generation)) yield chunk([{ index, ...part, finish_reason: null }]);
    const result = await generation.result;
    results.push(result);
    const last = chunk([{ index, text: '', logprobs: null, finish_reason: finishReason(result) }]);
    const isLast = results.length === generations.length;
    yield isLast && !withUsage ? { ...last, timings: timingsOf(results) } : last;
  });
  yield* inTurn(answers);
  if (withUsage) yield { ...chunk([]), usage: usageOf(results), timings: timingsOf(results) };
}
