import { ChordError, throwIfAborted } from '../errors.js';
import type { Engine, GenerateOptions, Generation, GenerationResult } from '../engine/types.js';
import { AnswerReader } from './answer.js';
import type { AnswerPart } from './answer.js';
import { behindReasoning } from './answer_format.js';
import type { Form } from './answer_format.js';
import { callGrammar } from './call_grammar.js';
import type { CallSplitter } from './call_splitter.js';
import { choicesOf, inTurn } from './choices.js';
import { checkFields, generateOptions, integer, isOn, never, samplingFields, streamOptions } from './fields.js';
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
  readonly #choices: readonly GenerateOptions[];
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
    this.#choices = choicesOf(params, this.#options);
    this.#use = toolsOf(params.tools ?? undefined, params.tool_choice ?? undefined);
  }

  /** Renders the prompt; each answer that it gives begins the work when it is read. */
  async answers(): Promise<Answer[]> {
    const engine = this.#engine;
    const tools = this.#use.tools.length > 0 ? this.#use.tools : undefined;
    const template = { tools, variables: this.#params.chat_template_kwargs ?? undefined };
    const prompt = await engine.applyChatTemplate(this.#params.messages, template);
    const logprobs = this.#options.logprobs === true;
    const open = opensReasoning(prompt);
    const answers = this.#choices.map(async (options, index): Promise<Answer> => {
      const calls = tools && (await callSplitter(engine, tools, template));
      const marks = [...reasoningMarks, ...(calls?.marks ?? [])];
      const hidden = await hiddenMarks(engine, marks);
      const form = this.#form(calls, open, hidden);
      return {
        index,
        reader: new AnswerReader({ open, hidden, calls, logprobs }),
        generate: (signal) => engine.generate(prompt, { ...options, ...form, signal }),
        logprobs: (content) => (logprobs ? { content, refusal: null } : null),
      };
    });
    return Promise.all(answers);
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
  readonly index: number;
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
  const answers = await request.answers();
  if (!request.stream) return whole(engine, answers, signal);
  const { include_usage: withUsage = false } = request.stream;
  return new CompletionStream((stop) => chunksOf(engine, answers, withUsage, stop), signal);
}

async function whole(
  engine: ChatEngine,
  answers: readonly Answer[],
  signal: AbortSignal | undefined,
): Promise<ChatCompletion> {
  const read = await Promise.all(answers.map((answer) => choiceOf(answer, signal)));
  const results = read.map(({ result }) => result);
  return {
    ...heading('chatcmpl', engine),
    object: 'chat.completion',
    choices: read.map(({ choice }) => choice),
    usage: withReasoning(usageOf(results), answers),
    timings: timingsOf(results),
  };
}

async function choiceOf(
  answer: Answer,
  signal: AbortSignal | undefined,
): Promise<{ choice: ChatCompletion['choices'][number]; result: GenerationResult }> {
  const { index, reader } = answer;
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
  const choice = {
    index,
    message: {
      role: 'assistant' as const,
      content: reader.hasCalls && text.content === '' ? null : text.content,
      refusal: null,
      ...(text.reasoning === '' ? {} : { reasoning_content: text.reasoning }),
      ...(reader.hasCalls ? { tool_calls: toolCalls } : {}),
    },
    logprobs: answer.logprobs(tokens),
    finish_reason: chatFinishReason(result, reader),
  };
  return { choice, result };
}

async function* chunksOf(
  engine: ChatEngine,
  answers: readonly Answer[],
  withUsage: boolean,
  signal: AbortSignal,
): AsyncGenerator<ChatCompletionChunk> {
  const head = heading('chatcmpl', engine);
  const chunk = (choices: ChatCompletionChunk['choices']): ChatCompletionChunk => ({
    ...head,
    object: 'chat.completion.chunk',
    choices,
    ...(withUsage ? { usage: null } : {}),
  });
  const results: GenerationResult[] = [];
  const chunks = answers.map(async function* (answer): AsyncGenerator<ChatCompletionChunk> {
    for await (const { result, ...choice } of changesOf(answer, signal)) {
      if (result) results.push(result);
      const isLast = result !== undefined && results.length === answers.length;
      yield isLast && !withUsage ? { ...chunk([choice]), timings: timingsOf(results) } : chunk([choice]);
    }
  });
  yield* inTurn(chunks);
  if (!withUsage) return;
  yield { ...chunk([]), usage: withReasoning(usageOf(results), answers), timings: timingsOf(results) };
}

type Change = ChatCompletionChunk['choices'][number] & { readonly result?: GenerationResult };

/** What one answer's chunks say; the last has the result. */
async function* changesOf(answer: Answer, signal: AbortSignal): AsyncGenerator<Change> {
  const { index, reader } = answer;
  const change = (delta: ChatCompletionDelta, logprobs: ChatCompletionLogprobs | null = null): Change => ({
    index,
    delta,
    logprobs,
    finish_reason: null,
  });
  const generation = answer.generate(signal);
  const opening = change({ role: 'assistant', content: '' });
  let isOpen = false;
  for await (const part of reader.read(generation)) {
    // Not before there is something to say, so that what is wrong with the prompt comes first.
    if (!isOpen) yield opening;
    isOpen = true;
    yield change(deltaOf(part), part.kind === 'content' ? answer.logprobs(part.logprobs) : null);
  }
  const result = await generation.result;
  if (!isOpen) yield opening;
  yield { ...change({}), finish_reason: chatFinishReason(result, reader), result };
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

function withReasoning(usage: CompletionUsage, answers: readonly Answer[]): CompletionUsage {
  const reasoningTokens = answers.reduce((sum, { reader }) => sum + reader.reasoningTokens, 0);
  if (reasoningTokens === 0) return usage;
  return { ...usage, completion_tokens_details: { reasoning_tokens: reasoningTokens } };
}

// Mistral's templates insist on nine letters and digits.
function callId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(9)), (byte) => (byte % 36).toString(36)).join('');
}
