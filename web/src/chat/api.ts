import type { ChatEngine } from './chat_completions.js';
import type {
  ChatCompletion,
  ChatCompletionChunk,
  ChatCompletionCreateParamsBase,
  ChatCompletionCreateParamsNonStreaming,
  ChatCompletionCreateParamsStreaming,
  Completion,
  CompletionChunk,
  CompletionCreateParamsBase,
  CompletionCreateParamsNonStreaming,
  CompletionCreateParamsStreaming,
  RequestOptions,
} from './openai.js';
import type { CompletionStream } from './stream.js';

/** `chat.completions` of OpenAI's client. */
export interface ChatCompletions {
  create(params: ChatCompletionCreateParamsNonStreaming, options?: RequestOptions): Promise<ChatCompletion>;
  create(
    params: ChatCompletionCreateParamsStreaming,
    options?: RequestOptions,
  ): Promise<CompletionStream<ChatCompletionChunk>>;
  create(
    params: ChatCompletionCreateParamsBase,
    options?: RequestOptions,
  ): Promise<ChatCompletion | CompletionStream<ChatCompletionChunk>>;
}

/** `completions` of OpenAI's client. */
export interface Completions {
  create(params: CompletionCreateParamsNonStreaming, options?: RequestOptions): Promise<Completion>;
  create(params: CompletionCreateParamsStreaming, options?: RequestOptions): Promise<CompletionStream<CompletionChunk>>;
  create(
    params: CompletionCreateParamsBase,
    options?: RequestOptions,
  ): Promise<Completion | CompletionStream<CompletionChunk>>;
}

// The code behind them is loaded by the first call.

export function chatCompletions(engine: ChatEngine): ChatCompletions {
  function create(params: ChatCompletionCreateParamsNonStreaming, options?: RequestOptions): Promise<ChatCompletion>;
  function create(
    params: ChatCompletionCreateParamsStreaming,
    options?: RequestOptions,
  ): Promise<CompletionStream<ChatCompletionChunk>>;
  async function create(
    params: ChatCompletionCreateParamsBase,
    options?: RequestOptions,
  ): Promise<ChatCompletion | CompletionStream<ChatCompletionChunk>> {
    const { createChatCompletion } = await import('./chat_completions.js');
    return createChatCompletion(engine, params, options);
  }
  return { create };
}

export function completions(engine: ChatEngine): Completions {
  function create(params: CompletionCreateParamsNonStreaming, options?: RequestOptions): Promise<Completion>;
  function create(
    params: CompletionCreateParamsStreaming,
    options?: RequestOptions,
  ): Promise<CompletionStream<CompletionChunk>>;
  async function create(
    params: CompletionCreateParamsBase,
    options?: RequestOptions,
  ): Promise<Completion | CompletionStream<CompletionChunk>> {
    const { createCompletion } = await import('./text_completions.js');
    return createCompletion(engine, params, options);
  }
  return { create };
}
