import { ChordError, throwIfAborted } from '../errors.js';
import type { Engine, GenerateOptions, Generation, GenerationResult } from '../engine/types.js';
import { AnswerReader } from './answer.js';
import type { AnswerPart } from './answer.js';
import { behindReasoning } from './answer_format.js';
import type { Form } from './answer_format.js';
import { callGrammar } from './call_grammar.js';
import type { CallSplitter } from './call_splitter.js';
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
import { hiddenMarks } from './marks.js';
import { invalid } from './messages.js';
import type {
  ChatCompletion,
  ChatCompletionChunk,
  ChatCompletionCreateParamsBase,
  ChatCompletionDelta,
  ChatCompletionLogprobs,
  ChatCompletionTokenLogprob,
  ChatFinishReason,
  CompletionUsage,
  RequestOptions,
  StreamOptions,
} from './openai.js';
import { opensReasoning, reasoningMarks } from './reasoning.js';
import { finishReason, heading, timingsOf, usageOf } from './response.js';
import { CompletionStream } from './stream.js';
import { callSplitter, toolsOf } from './tools.js';
import type { ToolUse } from './tools.js';

export type ChatEngine = Pick<Engine, 'generate' | 'applyChatTemplate' | 'tokenize' | 'detokenize' | 'info'>;

const onlyText = (value: unknown): boolean => Array.isArray(value) && value.every((kind) => kind === 'text');

const fields: Fields = {
  supported: [
    'messages',
    ...samplingFields,
    'logprobs',
    'top_logprobs',
    'max_completion_tokens',
    'tools',
    'tool_choice',
    'parallel_tool_calls',
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
  ],
  limited: {
    n: onlyOne,
    modalities: { allows: onlyText, limit: 'only ["text"] is supported' },
    reasoning_effort: never(
      'there are no efforts; templates have switches of their own, such as chat_template_kwargs: { enable_thinking: false }',
    ),
  },
};

/** One request, checked. */
class ChatRequest {
  readonly #engine: ChatEngine;
  readonly #params: ChatCompletionCreateParamsBase;
  readonly #options: GenerateOptions;
  readonly #use: ToolUse;
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
    this.#use = toolsOf(params.tools ?? undefined, params.tool_choice ?? undefined);
  }

  /** Renders the prompt; what it gives begins the work when it is read. */
  async answer(): Promise<Answer> {
    const engine = this.#engine;
    const tools = this.#use.tools.length > 0 ? this.#use.tools : undefined;
    const template = { tools, variables: this.#params.chat_template_kwargs ?? undefined };
    const prompt = await engine.applyChatTemplate(this.#params.messages, template);
    const calls = tools && (await callSplitter(engine, tools, template));
    const marks = [...reasoningMarks, ...(calls?.marks ?? [])];
    const { logprobs } = this.#options;
    const open = opensReasoning(prompt);
    const hidden = await hiddenMarks(engine, marks);
    const form = this.#form(calls, open, hidden);
    const reader = new AnswerReader({
      open,
      hidden,
      calls,
      logprobs: logprobs === true,
    });
    return {
      reader,
      generate: (signal) => engine.generate(prompt, { ...this.#options, ...form, signal }),
      logprobs: (content) => (logprobs ? { content, refusal: null } : null),
    };
  }

  // What the answer is kept to; where there are functions, calls of them.
  #form(calls: CallSplitter | undefined, open: boolean, marks: ReadonlyMap<number, string>): Form {
    const { grammar, responseFormat } = this.#options;
    const { tools, required, named } = this.#use;
    const isStrict = tools.some((tool) => tool.function.strict === true);
    if (!calls || (!required && !isStrict)) {
      return open ? behindReasoning(responseFormat, marks) : {};
    }
    if (grammar !== undefined || responseFormat !== undefined) {
      throw invalid(
        'response_format or grammar is given beside functions whose calls are enforced; leave one of them out',
      );
    }
    if (!required && calls.format.bare) {
      throw new ChordError(
        'unsupported_field',
        'strict is true, and this model writes calls without a mark that tells them from text; set tool_choice to ' +
          '"required", or leave strict out',
      );
    }
    const parallel = !named && (this.#params.parallel_tool_calls ?? true);
    const rules = { format: calls.format, tools: required ?? tools, required: required !== undefined };
    return { grammar: callGrammar({ ...rules, parallel, open, marks }), responseFormat: undefined };
  }
}

/** How one request is answered. */
interface Answer {
  readonly reader: AnswerReader;
  readonly generate: (signal: AbortSignal | undefined) => Generation;
  readonly logprobs: (content: ChatCompletionTokenLogprob[]) => ChatCompletionLogprobs | null;
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
  const answer = await request.answer();
  if (!request.stream) return whole(engine, answer, signal);
  const { include_usage: withUsage = false } = request.stream;
  return new CompletionStream((stop) => chunksOf(engine, answer, withUsage, stop), signal);
}

async function whole(engine: ChatEngine, answer: Answer, signal: AbortSignal | undefined): Promise<ChatCompletion> {
  const { reader } = answer;
  const generation = answer.generate(signal);
  const text = { reasoning: '', content: '' };
  const calls: { id: string; name: string; arguments: string }[] = [];
  const tokens: ChatCompletionTokenLogprob[] = [];
  for await (const part of reader.read(generation)) {
    tokens.push(...part.logprobs);
    if (part.kind === 'call') {
      const call = (calls[part.index] ??= { id: callId(), name: part.name ?? '', arguments: '' });
      call.arguments += part.arguments;
    } else text[part.kind] += part.text;
  }
  const result = await generation.result;
  const toolCalls = calls.map(({ id, ...called }) => ({ id, type: 'function' as const, function: called }));
  return {
    ...heading('chatcmpl', engine),
    object: 'chat.completion',
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: reader.hasCalls && text.content === '' ? null : text.content,
          refusal: null,
          ...(text.reasoning === '' ? {} : { reasoning_content: text.reasoning }),
          ...(reader.hasCalls ? { tool_calls: toolCalls } : {}),
        },
        logprobs: answer.logprobs(tokens),
        finish_reason: chatFinishReason(result, reader),
      },
    ],
    usage: withReasoning(usageOf(result), reader),
    timings: timingsOf(result),
  };
}

async function* chunksOf(
  engine: ChatEngine,
  answer: Answer,
  withUsage: boolean,
  signal: AbortSignal,
): AsyncGenerator<ChatCompletionChunk> {
  const { reader } = answer;
  const head = heading('chatcmpl', engine);
  const chunk = (
    delta: ChatCompletionDelta,
    logprobs: ChatCompletionLogprobs | null = null,
    finish_reason: ChatFinishReason | null = null,
  ): ChatCompletionChunk => ({
    ...head,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, logprobs, finish_reason }],
    ...(withUsage ? { usage: null } : {}),
  });
  const generation = answer.generate(signal);
  const opening = chunk({ role: 'assistant', content: '' });
  let isOpen = false;
  for await (const part of reader.read(generation)) {
    // Not before there is something to say, so that what is wrong with the prompt comes first.
    if (!isOpen) yield opening;
    isOpen = true;
    yield chunk(deltaOf(part), part.kind === 'content' ? answer.logprobs(part.logprobs) : null);
  }
  const result = await generation.result;
  if (!isOpen) yield opening;
  const timings = timingsOf(result);
  const last = chunk({}, null, chatFinishReason(result, reader));
  yield withUsage ? last : { ...last, timings };
  if (withUsage) yield { ...last, choices: [], usage: withReasoning(usageOf(result), reader), timings };
}

function deltaOf(part: AnswerPart): ChatCompletionDelta {
  switch (part.kind) {
    case 'reasoning':
      return { reasoning_content: part.text };
    case 'content':
      return { content: part.text };
    case 'call': {
      const { index, name, arguments: json } = part;
      if (name === undefined) return { tool_calls: [{ index, function: { arguments: json } }] };
      return { tool_calls: [{ index, id: callId(), type: 'function', function: { name, arguments: json } }] };
    }
  }
}

function chatFinishReason(result: GenerationResult, { hasCalls }: AnswerReader): ChatFinishReason {
  const reason = finishReason(result);
  return reason === 'stop' && hasCalls ? 'tool_calls' : reason;
}

function withReasoning(usage: CompletionUsage, { reasoningTokens }: AnswerReader): CompletionUsage {
  if (reasoningTokens === 0) return usage;
  return { ...usage, completion_tokens_details: { reasoning_tokens: reasoningTokens } };
}

// Mistral's templates insist on nine letters and digits.
function callId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(9)), (byte) => (byte % 36).toString(36)).join('');
}
