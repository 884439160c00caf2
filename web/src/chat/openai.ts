// OpenAI's shapes, as far as they are supported: field names and meanings are those of its API reference.
import type { ChatMessage, ToolCall } from './messages.js';

/** A function that the model may call. */
export interface ChatCompletionTool {
  readonly type: 'function';
  readonly function: {
    readonly name: string;
    readonly description?: string;
    /** JSON schema of the arguments. */
    readonly parameters?: Readonly<Record<string, unknown>>;
    /** Whether arguments are made to follow the schema; they are, too, where a call is required. */
    readonly strict?: boolean | null;
  };
}

/**
 * `auto`: the model calls or answers as it likes; `none`: it is told of no functions; `required`: it calls one, or
 * several; a function: it calls that one, once.
 */
export type ChatCompletionToolChoice =
  'auto' | 'none' | 'required' | { readonly type: 'function'; readonly function: { readonly name: string } };

/** What an answer is to be: any text, any JSON object, or JSON that a schema describes. */
export type ChatCompletionResponseFormat =
  | { readonly type: 'text' }
  | { readonly type: 'json_object' }
  | {
      readonly type: 'json_schema';
      readonly json_schema: {
        readonly name: string;
        readonly description?: string;
        readonly schema?: Readonly<Record<string, unknown>>;
        /** Without effect: every schema is enforced. */
        readonly strict?: boolean | null;
      };
    };

/** What both requests take; a field that is null counts as left out. */
export interface SamplingParams {
  /** Any text: there is one model, the one that is loaded. */
  readonly model?: string;
  readonly frequency_penalty?: number | null;
  readonly presence_penalty?: number | null;
  /** By token id. */
  readonly logit_bias?: Readonly<Record<string, number>> | null;
  readonly max_tokens?: number | null;
  /** How many answers, 1 to 128, from one computation of the prompt. Default: 1. */
  readonly n?: number | null;
  /** Of the first answer; the next ones' follow it. */
  readonly seed?: number | null;
  readonly stop?: string | readonly string[] | null;
  readonly stream?: boolean | null;
  readonly stream_options?: StreamOptions | null;
  readonly temperature?: number | null;
  readonly top_p?: number | null;
  /** Without effect. */
  readonly user?: string;
  /** Not OpenAI's: only the likeliest tokens, 0 for all. */
  readonly top_k?: number | null;
  /** Not OpenAI's: only tokens at least this likely beside the likeliest. */
  readonly min_p?: number | null;
  /** Not OpenAI's: logits of repeated tokens are divided by it. */
  readonly repetition_penalty?: number | null;
  /** What the whole text has to be. */
  readonly response_format?: ChatCompletionResponseFormat;
  /** Not OpenAI's: a grammar that the text follows, in GBNF. */
  readonly grammar?: string | null;
}

export interface StreamOptions {
  /** A last chunk without choices has the usage. */
  readonly include_usage?: boolean;
  /** Without effect. */
  readonly include_obfuscation?: boolean;
}

export interface ChatCompletionCreateParamsBase extends SamplingParams {
  readonly messages: readonly ChatMessage[];
  readonly logprobs?: boolean | null;
  /** 0 to 20, with `logprobs`. */
  readonly top_logprobs?: number | null;
  readonly max_completion_tokens?: number | null;
  /** For models whose templates know tools. */
  readonly tools?: readonly ChatCompletionTool[];
  readonly tool_choice?: ChatCompletionToolChoice;
  /** False: one call at most, where calls are required or strict. */
  readonly parallel_tool_calls?: boolean;
  readonly modalities?: readonly 'text'[] | null;
  /** Without effect, as are the next ones. */
  readonly metadata?: Readonly<Record<string, string>> | null;
  readonly store?: boolean | null;
  readonly service_tier?: 'auto' | 'default' | 'flex' | 'scale' | 'priority' | 'fast' | null;
  readonly safety_identifier?: string | null;
  readonly prompt_cache_key?: string | null;
  readonly prompt_cache_retention?: 'in_memory' | '24h' | null;
  /** Not OpenAI's: variables for the chat template, such as `{ enable_thinking: false }`. */
  readonly chat_template_kwargs?: Readonly<Record<string, unknown>> | null;
}

export interface ChatCompletionCreateParamsNonStreaming extends ChatCompletionCreateParamsBase {
  readonly stream?: false | null;
}

export interface ChatCompletionCreateParamsStreaming extends ChatCompletionCreateParamsBase {
  readonly stream: true;
}

export type FinishReason = 'stop' | 'length';
export type ChatFinishReason = FinishReason | 'tool_calls';

export interface CompletionUsage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  prompt_tokens_details: {
    /** Tokens whose keys and values were still there from an earlier call. */
    cached_tokens: number;
  };
  completion_tokens_details?: {
    /** Tokens of the reasoning and its marks. */
    reasoning_tokens: number;
  };
}

/** Not OpenAI's: how long it took; the speed of decoding is that of all answers together. */
export interface CompletionTimings {
  /** In milliseconds, waiting for earlier calls. */
  queued_ms: number;
  /** In milliseconds, from the beginning of the work to the first token. */
  first_token_ms: number;
  /** In tokens per second, of the part of the prompt that was not cached. */
  prefill_tokens_per_second: number;
  decode_tokens_per_second: number;
}

export interface TopLogprob {
  token: string;
  /** Natural logarithm of the probability. */
  logprob: number;
  /** The token's UTF-8, which may be part of a character. */
  bytes: number[];
}

export interface ChatCompletionTokenLogprob extends TopLogprob {
  top_logprobs: TopLogprob[];
}

export interface ChatCompletionLogprobs {
  /** Of the tokens of the content; those of the reasoning are not in it. */
  content: ChatCompletionTokenLogprob[] | null;
  refusal: null;
}

export interface ChatCompletionMessage {
  role: 'assistant';
  /** Null where the model called functions and said nothing. */
  content: string | null;
  refusal: null;
  /** What the model thought between `<think>` marks, without them; absent where it did not. */
  reasoning_content?: string;
  tool_calls?: ToolCall[];
}

export interface ChatCompletion {
  id: string;
  object: 'chat.completion';
  /** In seconds since 1970. */
  created: number;
  model: string;
  system_fingerprint: string;
  choices: {
    index: number;
    message: ChatCompletionMessage;
    logprobs: ChatCompletionLogprobs | null;
    finish_reason: ChatFinishReason;
  }[];
  usage: CompletionUsage;
  timings: CompletionTimings;
}

export interface ChatCompletionDelta {
  role?: 'assistant';
  content?: string;
  reasoning_content?: string;
  tool_calls?: ToolCallDelta[];
}

/** A part of a call: the first has id, type and name; the arguments of all parts together are JSON. */
export interface ToolCallDelta {
  /** Which of the answer's calls it belongs to. */
  index: number;
  id?: string;
  type?: 'function';
  function: { name?: string; arguments: string };
}

export interface ChatCompletionChunk {
  id: string;
  object: 'chat.completion.chunk';
  created: number;
  model: string;
  system_fingerprint: string;
  /** One, and none in the chunk with the usage. */
  choices: {
    index: number;
    delta: ChatCompletionDelta;
    logprobs: ChatCompletionLogprobs | null;
    finish_reason: ChatFinishReason | null;
  }[];
  /** With `include_usage`: null, and in the last chunk the usage. */
  usage?: CompletionUsage | null;
  /** In the chunk that has the usage, else in the one that has the finish_reason. */
  timings?: CompletionTimings;
}

export interface CompletionCreateParamsBase extends SamplingParams {
  readonly prompt: string | readonly string[];
  /** Likeliest tokens to give at each place, 0 to 20; the chosen one's is given with 0 already. */
  readonly logprobs?: number | null;
}

export interface CompletionCreateParamsNonStreaming extends CompletionCreateParamsBase {
  readonly stream?: false | null;
}

export interface CompletionCreateParamsStreaming extends CompletionCreateParamsBase {
  readonly stream: true;
}

/** By place: parallel arrays. */
export interface CompletionLogprobs {
  tokens: string[];
  token_logprobs: number[];
  top_logprobs: Record<string, number>[];
  /** Where the token begins in the text, in UTF-16 units. */
  text_offset: number[];
}

export interface CompletionChoice {
  index: number;
  text: string;
  logprobs: CompletionLogprobs | null;
  finish_reason: FinishReason;
}

/** The answer. */
export interface Completion {
  id: string;
  object: 'text_completion';
  created: number;
  model: string;
  system_fingerprint: string;
  choices: CompletionChoice[];
  usage: CompletionUsage;
  timings: CompletionTimings;
}

/** A piece of an answer; the last with a choice has the finish_reason. */
export interface CompletionChunk extends Omit<Completion, 'choices' | 'usage' | 'timings'> {
  choices: (Omit<CompletionChoice, 'finish_reason'> & { finish_reason: FinishReason | null })[];
  /** As in chunks of a chat. */
  usage?: CompletionUsage | null;
  timings?: CompletionTimings;
}

export interface RequestOptions {
  /** Ends the work, and the call or the loop over its stream with a `ChordError` of the code `cancelled`. */
  readonly signal?: AbortSignal | null;
}
