import { throwIfAborted } from '../errors.js';
import type { Engine, GenerateOptions, Generation } from '../engine/types.js';
import { AnswerReader } from './answer.js';
import {
  checkFields,
  generateOptions,
  integer,
  isOn,
  never,
  onlyOne,
  samplingFields,
  streamOptions,
} from './fields.js';
import type { Fields } from './fields.js';
import { invalid, isRecord } from './messages.js';
import type {
  ChatCompletion,
  ChatCompletionChunk,
  ChatCompletionCreateParamsBase,
  ChatCompletionDelta,
  ChatCompletionLogprobs,
  ChatCompletionTokenLogprob,
  CompletionUsage,
  FinishReason,
  RequestOptions,
  StreamOptions,
} from './openai.js';
import { opensReasoning } from './reasoning.js';
import { finishReason, heading, timingsOf, usageOf } from './response.js';
import { CompletionStream, linked } from './stream.js';
import { TokenTexts } from './token_texts.js';

export type ChatEngine = Pick<Engine, 'generate' | 'applyChatTemplate' | 'detokenize' | 'info'>;

const isEmpty = (value: unknown): boolean => Array.isArray(value) && value.length === 0;
const isText = (value: unknown): boolean => isRecord(value) && value['type'] === 'text';
const onlyText = (value: unknown): boolean => Array.isArray(value) && value.every((kind) => kind === 'text');

const fields: Fields = {
  supported: [
    'messages',
    ...samplingFields,
    'logprobs',
    'top_logprobs',
    'max_completion_tokens',
    'chat_template_kwargs',
  ],
  inert: [
    'model',
    'user',
    'metadata',
    'store',
    'service_tier',
    'safety_identifier',
    'prompt_cache_key',
    'prompt_cache_retention',
    'parallel_tool_calls',
  ],
  limited: {
    n: onlyOne,
    response_format: { allows: isText, limit: 'only { type: "text" } is supported' },
    modalities: { allows: onlyText, limit: 'only ["text"] is supported' },
    tools: { allows: isEmpty, limit: 'calls of functions are not supported; leave it out' },
    tool_choice: {
      allows: (value) => value === 'none' || value === 'auto',
      limit: 'calls of functions are not supported; leave it out',
    },
    reasoning_effort: never(
      'there are no efforts; templates have switches of their own, such as chat_template_kwargs: { enable_thinking: false }',
    ),
  },
};

/** One request: what it asks for, checked, and the generation that answers it. */
class ChatRequest {
  readonly #engine: ChatEngine;
  readonly #params: ChatCompletionCreateParamsBase;
  readonly #options: GenerateOptions;
  readonly stream: StreamOptions | undefined;

  constructor(engine: ChatEngine, params: ChatCompletionCreateParamsBase) {
    checkFields(params, fields);
    this.#engine = engine;
    this.#params = params;
    this.stream = streamOptions(params);
    const logprobs = isOn(params, 'logprobs');
    const topLogprobs = integer(params, 'top_logprobs', 0, 20);
    if (topLogprobs !== undefined && !logprobs) {
      throw invalid(`top_logprobs is ${topLogprobs}, and logprobs is not true; set it, too`);
    }
    const options = generateOptions(params);
    const maxTokens = integer(params, 'max_completion_tokens', 1, 0xffff_ffff) ?? options.maxTokens;
    this.#options = { ...options, maxTokens, logprobs, topLogprobs };
  }

  prompt(): Promise<string> {
    const { messages, chat_template_kwargs: variables } = this.#params;
    return this.#engine.applyChatTemplate(messages, variables ? { variables } : {});
  }

  generation(prompt: string, signal: AbortSignal | undefined): Generation {
    return this.#engine.generate(prompt, { ...this.#options, signal });
  }

  reader(prompt: string): AnswerReader {
    return new AnswerReader(opensReasoning(prompt), this.#options.logprobs ? new TokenTexts(this.#engine) : undefined);
  }

  logprobs(content: ChatCompletionTokenLogprob[]): ChatCompletionLogprobs | null {
    return this.#options.logprobs ? { content, refusal: null } : null;
  }
}

/** `chat.completions.create`. Rejects with `unsupported_field` and `invalid_argument` before any work. */
export async function createChatCompletion(
  engine: ChatEngine,
  params: ChatCompletionCreateParamsBase,
  options: RequestOptions = {},
): Promise<ChatCompletion | CompletionStream<ChatCompletionChunk>> {
  const signal = options.signal ?? undefined;
  const request = new ChatRequest(engine, params);
  throwIfAborted(signal);
  const prompt = await request.prompt();
  if (!request.stream) return whole(engine, request, prompt, signal);
  const { include_usage: withUsage = false } = request.stream;
  const { controller, release } = linked(signal);
  const chunks = (): AsyncGenerator<ChatCompletionChunk> =>
    chunksOf(engine, request, prompt, withUsage, controller.signal, release);
  return new CompletionStream(chunks, controller, signal);
}

async function whole(
  engine: ChatEngine,
  request: ChatRequest,
  prompt: string,
  signal: AbortSignal | undefined,
): Promise<ChatCompletion> {
  const generation = request.generation(prompt, signal);
  const reader = request.reader(prompt);
  const text = { reasoning: '', content: '' };
  const tokens: ChatCompletionTokenLogprob[] = [];
  for await (const part of reader.read(generation)) {
    text[part.kind] += part.text;
    tokens.push(...part.logprobs);
  }
  const result = await generation.result;
  return {
    ...heading('chatcmpl', engine),
    object: 'chat.completion',
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: text.content,
          refusal: null,
          ...(text.reasoning === '' ? {} : { reasoning_content: text.reasoning }),
        },
        logprobs: request.logprobs(tokens),
        finish_reason: finishReason(result),
      },
    ],
    usage: withReasoning(usageOf(result), reader),
    timings: timingsOf(result),
  };
}

async function* chunksOf(
  engine: ChatEngine,
  request: ChatRequest,
  prompt: string,
  withUsage: boolean,
  signal: AbortSignal,
  release: () => void,
): AsyncGenerator<ChatCompletionChunk> {
  const head = heading('chatcmpl', engine);
  const chunk = (
    delta: ChatCompletionDelta,
    logprobs: ChatCompletionLogprobs | null = null,
    finish_reason: FinishReason | null = null,
  ): ChatCompletionChunk => ({
    ...head,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, logprobs, finish_reason }],
    ...(withUsage ? { usage: null } : {}),
  });
  try {
    const generation = request.generation(prompt, signal);
    const reader = request.reader(prompt);
    const opening = chunk({ role: 'assistant', content: '' });
    let isOpen = false;
    for await (const { kind, text, logprobs } of reader.read(generation)) {
      // Not before there is something to say, so that what is wrong with the prompt comes first.
      if (!isOpen) yield opening;
      isOpen = true;
      if (kind === 'reasoning') yield chunk({ reasoning_content: text });
      else yield chunk({ content: text }, request.logprobs(logprobs));
    }
    const result = await generation.result;
    if (!isOpen) yield opening;
    const timings = timingsOf(result);
    const last = chunk({}, null, finishReason(result));
    yield withUsage ? last : { ...last, timings };
    if (withUsage) yield { ...last, choices: [], usage: withReasoning(usageOf(result), reader), timings };
  } finally {
    release();
  }
}

function withReasoning(usage: CompletionUsage, { reasoningTokens }: AnswerReader): CompletionUsage {
  if (reasoningTokens === 0) return usage;
  return { ...usage, completion_tokens_details: { reasoning_tokens: reasoningTokens } };
}
