import type {
  ChatCompletionChunk,
  ChatCompletionCreateParamsStreaming,
  ChatCompletionTool,
  ChatMessage,
} from 'wasm-chord';
import type { Ending } from '../conversations/conversation.js';
import type { Talker } from '../models/talker.js';
import type { AnswerSettings } from '../settings.js';
import type { Structure } from '../tools/structure.js';

/** What came of one answer. */
export interface Summary {
  /** `calls`: the model waits for what functions give back. */
  readonly ending: Ending | 'calls';
  readonly firstTokenMs: number;
  readonly decodeTokensPerSecond: number;
  /** Of an answer that came to its end. */
  readonly counts?: {
    readonly promptTokens: number;
    /** Of those, what earlier answers had left. */
    readonly reusedTokens: number;
    readonly answerTokens: number;
    readonly prefillTokensPerSecond: number;
  };
}

export interface Listener {
  readonly onReasoning: (text: string) => void;
  readonly onContent: (text: string) => void;
  /** A part of a call; the first one of each has its id and name. */
  readonly onCall: (index: number, id: string | undefined, name: string | undefined, json: string) => void;
  /** With each of these. */
  readonly onSpeed: (tokensPerSecond: number) => void;
}

export interface Request {
  /** Its id. */
  readonly conversation: string;
  readonly messages: readonly ChatMessage[];
  readonly tools: readonly ChatCompletionTool[];
  readonly structure: Structure;
  readonly settings: AnswerSettings;
}

/** Answers the messages. The signal ends the answer where it is. */
export async function answer(
  model: Talker,
  { conversation, messages, tools, structure, settings }: Request,
  signal: AbortSignal,
  listener: Listener,
): Promise<Summary> {
  const called = performance.now();
  const params: ChatCompletionCreateParamsStreaming = {
    messages,
    ...(tools.length > 0 && { tools }),
    ...formOf(structure),
    temperature: settings.temperature,
    top_p: settings.topP,
    top_k: settings.topK,
    min_p: settings.minP,
    repetition_penalty: settings.repetitionPenalty,
    max_completion_tokens: settings.maxTokens,
    seed: settings.seed ?? null,
    ...(!settings.thinks && { chat_template_kwargs: { enable_thinking: false } }),
    stream: true,
    stream_options: { include_usage: true },
  };
  const pace = new Pace();
  let finish: string | null | undefined;
  let last: ChatCompletionChunk | undefined;
  for await (const chunk of model.answer(conversation, params, signal)) {
    last = chunk;
    const [choice] = chunk.choices;
    finish = choice?.finish_reason ?? finish;
    const { reasoning_content: reasoning = '', content = '', tool_calls: calls = [] } = choice?.delta ?? {};
    if (reasoning !== '') listener.onReasoning(reasoning);
    if (content !== '') listener.onContent(content);
    for (const { index, id, function: part } of calls) listener.onCall(index, id, part.name, part.arguments);
    if (reasoning !== '' || content !== '' || calls.length > 0) listener.onSpeed(pace.next());
  }
  const { usage, timings } = last ?? {};
  if (!usage || !timings) {
    const firstTokenMs = pace.begin === 0 ? 0 : pace.begin - called;
    return { ending: 'stopped', firstTokenMs, decodeTokensPerSecond: pace.tokensPerSecond };
  }
  const isFull = usage.total_tokens >= model.contextLength;
  return {
    ending: finish === 'tool_calls' ? 'calls' : finish === 'length' ? (isFull ? 'context' : 'length') : 'stop',
    firstTokenMs: timings.first_token_ms,
    decodeTokensPerSecond: timings.decode_tokens_per_second,
    counts: {
      promptTokens: usage.prompt_tokens,
      reusedTokens: usage.prompt_tokens_details.cached_tokens,
      answerTokens: usage.completion_tokens,
      prefillTokensPerSecond: timings.prefill_tokens_per_second,
    },
  };
}

type Form = Pick<ChatCompletionCreateParamsStreaming, 'response_format' | 'grammar'>;

function formOf(structure: Structure): Form {
  switch (structure.kind) {
    case 'text':
      return {};
    case 'json':
      return { response_format: { type: 'json_object' } };
    case 'schema':
      return { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: structure.schema } } };
    case 'grammar':
      return { grammar: structure.grammar };
  }
}

/** How fast pieces come, which are a token each but for few. */
class Pace {
  /** When the first came; 0 before. */
  begin = 0;
  tokensPerSecond = 0;
  #pieces = 0;

  next(): number {
    const now = performance.now();
    if (this.begin === 0) this.begin = now;
    else this.tokensPerSecond = (++this.#pieces / Math.max(1, now - this.begin)) * 1000;
    return this.tokensPerSecond;
  }
}
