/// <reference lib="esnext.disposable" preserve="true" />
import type { ChatCompletions, Completions } from '../chat/api.js';
import type { Embeddings } from '../chat/embeddings_api.js';
import type { ChatMessage } from '../chat/messages.js';
import type { ChatTemplateOptions } from '../chat/template.js';
import type { GpuOptions } from '../gpu/webgpu.js';
import type { GrammarWithSchemas, ResponseFormat } from '../grammar/types.js';
import type { Variant } from '../host/modules.js';
import type { SourceOptions } from '../sources/options.js';
import type { ModelSource } from '../sources/source.js';
import type { EmbedOptions } from './embed_options.js';

/** Where an engine runs, and how. */
export interface EngineOptions extends SourceOptions, GpuOptions {
  /**
   * Where the model runs: on the `cpu`, on the GPU (`webgpu`) or nowhere, or `auto`: on the GPU if there is one that
   * can, else on the CPU; `engine.info` says why. Default: `auto`.
   */
  readonly device?: 'auto' | 'cpu' | 'webgpu' | undefined;
  /** The CPU kernels' variant. Default: the fastest that the JavaScript engine supports. */
  readonly variant?: Variant | undefined;
  /** How many threads compute, 1 to 128. Default: by the number of processors; one where memory cannot be shared. */
  readonly threads?: number | undefined;
  /**
   * Tokens of prompt and answer together. Default: what the model was trained for, at most 8192, and halved until it
   * fits the memory here.
   */
  readonly contextLength?: number | undefined;
  /** How keys and values are stored. Default: f16. */
  readonly kvType?: 'f16' | 'f32' | 'q8_0' | undefined;
  /**
   * Bytes for the keys, values and activations of all conversations that are kept, so that a call that goes on with
   * one of them computes only what is new. At least one is kept. Default: half of what the weights leave free here.
   */
  readonly memoryBudget?: number | undefined;
  /**
   * `'optional'`: what is downloaded is kept, and taken from the cache the next time, where there is room; `true`: too
   * little room is an error; `false`: nothing is kept. Default: `'optional'`.
   */
  readonly cache?: boolean | 'optional' | undefined;
  /** Whether to run in a worker. Default: true, where one can start; `engine.info` says why one did not. */
  readonly worker?: boolean | undefined;
  /**
   * Where `engine-worker.js` is, of the page's own origin. Default: beside the package's script, which for a package
   * from a CDN is another origin, where a worker cannot start.
   */
  readonly workerUrl?: string | URL | undefined;
  /** The folder of the wasm modules, as a URL. Default: beside the script that runs them. */
  readonly assets?: string | URL | undefined;
}

/** How a text is generated. */
export interface GenerateOptions {
  /** Tokens at most. Default: until the context is full. */
  readonly maxTokens?: number | undefined;
  /** 0: the likeliest token each time; up to 100. Default: 0.7. */
  readonly temperature?: number | undefined;
  /** Only the likeliest tokens that have so much of the probability together; 1: all. Default: 0.9. */
  readonly topP?: number | undefined;
  /** Only so many of the likeliest tokens; 0: all. Default: 40. */
  readonly topK?: number | undefined;
  /** Only tokens at least so probable as this part of the likeliest one; 0: all. Default: 0. */
  readonly minP?: number | undefined;
  /** Logits of tokens that occur are divided by it where positive, else multiplied; 1: none. Default: 1. */
  readonly repetitionPenalty?: number | undefined;
  /** Subtracted from a logit for each occurrence of its token, -100 to 100. Default: 0. */
  readonly frequencyPenalty?: number | undefined;
  /** Subtracted from a logit if its token occurs, -100 to 100. Default: 0. */
  readonly presencePenalty?: number | undefined;
  /** How many of the last tokens the penalties look at. Default: 64. */
  readonly penaltyWindow?: number | undefined;
  /** The same seed gives the same text; a whole number below 2^64. Default: another one each time. */
  readonly seed?: number | bigint | undefined;
  /** The text ends before the first of these that appears in it. */
  readonly stop?: string | readonly string[] | undefined;
  /** Tokens that end the text, besides the model's own. */
  readonly stopTokens?: readonly number[] | undefined;
  /** Added to the logits of tokens; -Infinity forbids one. */
  readonly logitBias?: Readonly<Record<number, number>> | undefined;
  /** Whether pieces have the log-probabilities of their tokens. Default: false. */
  readonly logprobs?: boolean | undefined;
  /** How many of the likeliest tokens each piece has with their log-probabilities, 0 to 20. Default: 0. */
  readonly topLogprobs?: number | undefined;
  /**
   * What the text is to be: JSON, or JSON that a schema describes. Other tokens are not chosen, and where `maxTokens`
   * allows it the text comes to its end. Default: any text.
   */
  readonly responseFormat?: ResponseFormat | undefined;
  /** A grammar that the text follows, in GBNF, which can call JSON schemas as rules. */
  readonly grammar?: string | GrammarWithSchemas | undefined;
  /** Whether to go on past the model's own end of a text. Default: false. */
  readonly ignoreEos?: boolean | undefined;
  /**
   * Edits the logits that each token is sampled from. Default: none. It runs here; from and to a worker each row is
   * moved, not copied. That takes some milliseconds for each token of a model with a large vocabulary.
   */
  readonly logitProcessor?: LogitProcessor | undefined;
  /**
   * `prompt-lookup`: beside each token, those are computed that followed the last few tokens where these stood before,
   * in the prompt or in the text. The text is the same, and comes faster where it quotes or repeats. Without effect on
   * the GPU. Default: `none`.
   */
  readonly speculation?: 'none' | 'prompt-lookup' | undefined;
  /** How messages become a prompt. */
  readonly chatTemplate?: ChatTemplateOptions | undefined;
  /** Aborting it stops the work, or takes it out of the queue, and makes everything reject with `cancelled`. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Gets what the next token is sampled from, one number for each token of the vocabulary, after penalties and biases,
 * and the tokens generated so far. Edits the logits in place, at once or until the promise resolves: -Infinity forbids
 * a token, and a text is ended by forbidding all others than those that end it. What it throws, the generation rejects
 * with.
 */
export type LogitProcessor = (logits: Float32Array, generated: readonly number[]) => void | Promise<void>;

export interface TokenLogprob {
  readonly token: number;
  /** The token's own text; where the token is part of a character, there is U+FFFD in it. */
  readonly text: string;
  /** The token's own UTF-8. */
  readonly bytes: readonly number[];
  /** The natural logarithm of the token's probability, after penalties and biases, before temperature. */
  readonly logprob: number;
}

/** What comes of one token. */
export interface Piece {
  /**
   * Whole characters; "" where the token ends within one, or within what may become a stop string. The text that was
   * held back comes with a later token.
   */
  readonly text: string;
  /** -1: no token belongs to this piece; it is the text that was held back at the end. */
  readonly token: number;
  /** The natural logarithm of the token's probability, after penalties and biases, before temperature. */
  readonly logprob?: number;
  /** The token's own UTF-8, beside its log-probability. */
  readonly bytes?: readonly number[];
  /** The likeliest tokens at this place, in descending order. */
  readonly topLogprobs?: readonly TokenLogprob[];
}

export interface Usage {
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Of the prompt's tokens, those that a kept conversation began with, and which were not computed again. */
  readonly reusedTokens: number;
  /** With `speculation`: tokens that were computed beside others; absent where there were none. */
  readonly draftedTokens?: number;
  /** Of those, the ones that the text goes on with. */
  readonly acceptedTokens?: number;
}

export interface Timings {
  /** Between the call and its turn. */
  readonly queuedMs: number;
  /** Between its turn and its first token; 0 where there is none. */
  readonly firstTokenMs: number;
  /** Tokens of the prompt that were computed, by the time until the first token. */
  readonly prefillTokensPerSecond: number;
  /** Tokens after the first, by the time they took; 0 where there are none. */
  readonly decodeTokensPerSecond: number;
}

export interface GenerationResult {
  readonly text: string;
  /**
   * `stop`: the model ended the text, or a stop string or token did; `length`: after `maxTokens`; `context`: the
   * context is full; `cancelled`: the loop over the pieces was left.
   */
  readonly finishReason: 'stop' | 'length' | 'context' | 'cancelled';
  readonly usage: Usage;
  readonly timings: Timings;
}

/**
 * A text that is being generated, piece by piece. The work begins when the first piece, `text()` or `result` is asked
 * for, after all calls before it. Leaving the loop over the pieces stops it. While nobody asks for pieces, and no other
 * call waits, it stands still after a few of them.
 */
export interface Generation extends AsyncIterable<Piece> {
  /** The whole text. */
  text(): Promise<string>;
  /** The whole text, why it ended, and what it took. */
  readonly result: Promise<GenerationResult>;
}

/** Bytes by purpose. */
export interface EngineMemory {
  readonly weights: number;
  /** Keys and values of all conversations that are kept. */
  readonly kvCache: number;
  /** Activations of all of them. */
  readonly scratch: number;
  /** Vocabulary, metadata and plans. */
  readonly control: number;
  /** Of the wasm memories, which hold the others of a model on the CPU. */
  readonly total: number;
}

/** What an engine runs, where, and why there. */
export interface EngineInfo {
  /** `general.name`, or "". */
  readonly name: string;
  /** `general.architecture`: "llama". */
  readonly architecture: string;
  /** How the weights are stored ("Q4_K_M"), or "unknown". */
  readonly quantization: string;
  readonly parameters: number;
  readonly vocabularySize: number;
  /** How many numbers an embedding has. */
  readonly embeddingLength: number;
  /** How the file makes the embedding of a text of those of its tokens, if it says so. */
  readonly pooling: 'none' | 'mean' | 'cls' | 'last';
  /** False for an encoder, which embeds texts, and cannot generate them. */
  readonly generates: boolean;
  /** Tokens that the model was trained for. */
  readonly trainedContextLength: number;
  /** Tokens of prompt and answer together, here. */
  readonly contextLength: number;
  /** How many conversations are kept at most. */
  readonly conversations: number;
  readonly device: 'cpu' | 'webgpu';
  /** Why the model is there: what was asked for, or what kept it off the GPU. */
  readonly deviceReason: string;
  /** The kernels: `simd128`, `relaxed`, `relaxed64` or `webgpu`. */
  readonly variant: string;
  /** That compute; 0 on the GPU. */
  readonly threads: number;
  readonly memory: EngineMemory;
  /** Whether it runs in a worker. */
  readonly worker: boolean;
  /** Why it does, or does not. */
  readonly workerReason: string;
  /** Whether the file has a chat template of its own. */
  readonly hasChatTemplate: boolean;
  /** Something about the file that one should know (an unknown pre-tokenizer …), or "". */
  readonly note: string;
}

/** Bytes of a model and one conversation, by purpose. */
export interface EstimatedMemory {
  readonly weights: number;
  readonly kvCache: number;
  readonly scratch: number;
  readonly total: number;
}

/** What a model would take, by its header. */
export interface Estimate {
  /** `general.name`, or "". */
  readonly name: string;
  readonly architecture: string;
  readonly quantization: string;
  readonly parameters: number;
  /** Tokens that the model was trained for. */
  readonly trainedContextLength: number;
  /** What the options say, or `load` would choose: what fits here. 0 for a file that holds a vocabulary only. */
  readonly contextLength: number;
  /** How many conversations of that length would be kept at most. */
  readonly conversations: number;
  /** Bytes of the model and one conversation on the CPU. */
  readonly memory: EstimatedMemory;
  /** The same on this machine's GPU, if that can run the model, and otherwise why not. */
  readonly gpu: { readonly memory?: EstimatedMemory; readonly reason: string };
  /** Bytes that a model may take here: half of the machine's memory, or of 4 GiB where nobody tells. */
  readonly available: number;
  /** Whether it fits them. */
  readonly fits: boolean;
}

/** What is here to run models on. */
export interface Capabilities {
  readonly gpu: GpuFacts;
  /** Without WebAssembly SIMD nothing runs. */
  readonly simd: boolean;
  readonly relaxedSimd: boolean;
  /** Whether models past 4 GiB can run on the CPU, with relaxed SIMD. */
  readonly memory64: boolean;
  /** Whether threads can share memory: in a page, whether it is cross-origin isolated. */
  readonly sharedMemory: boolean;
  readonly processors: number;
  /** How many threads compute, if nobody says how many. */
  readonly threads: number;
  /** Whether there are workers. */
  readonly workers: boolean;
  /** Bytes that a model may take on the CPU: half of the machine's memory, or of 4 GiB where nobody tells. */
  readonly modelBytes: number;
  readonly storage: StorageFacts;
}

export interface GpuFacts {
  /** Whether `device: 'auto'` would try it. */
  readonly available: boolean;
  /** The adapter's name, as far as the engine tells. */
  readonly name: string;
  /** What is in the way, or "". */
  readonly reason: string;
}

/** Where downloads are kept. */
export interface StorageFacts {
  readonly kind: 'opfs' | 'disk' | 'none';
  /** Bytes that the origin may take, and has taken, where that is known. */
  readonly quota?: number | undefined;
  readonly usage?: number | undefined;
  /** Whether the browser will not remove them by itself. */
  readonly persisted?: boolean | undefined;
}

export interface TokenizeOptions {
  /** Whether the text of special tokens means those tokens. Default: true. */
  readonly special?: boolean | undefined;
  /** Whether the token that begins a text comes first, where the model has one. Default: false. */
  readonly bos?: boolean | undefined;
}

export interface DetokenizeOptions {
  /** Whether special tokens are written. Default: false. */
  readonly special?: boolean | undefined;
}

/**
 * A conversation of its own. Those of `engine.generate` give way to others where memory runs out; this one keeps its
 * keys and values until it is disposed, and can be saved.
 */
export interface Session {
  /** As `Engine.generate`: the prompt is the whole text, and what this session holds of its beginning is reused. */
  generate(prompt: string | readonly ChatMessage[], options?: GenerateOptions): Generation;
  /**
   * The tokens with their keys and values, for `Engine.loadSession` of the same model with the same `kvType`, on
   * whatever device. It waits for its turn as `generate` does.
   */
  save(): Promise<Uint8Array<ArrayBuffer>>;
  /** Chats and texts in the shapes of OpenAI's client, in this conversation. */
  readonly chat: { readonly completions: ChatCompletions };
  readonly completions: Completions;
  /** Gives the conversation back to the engine. Later calls reject with `closed`. */
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A loaded model. Everything rejects with a `ChordError`; with `closed` once it was disposed. */
export interface Engine {
  /**
   * Generates what follows a prompt, or answers messages in the model's chat template. Calls are worked through one
   * after the other. The text of special tokens in a prompt means those tokens, and the token that begins a text is
   * put first where the model's file asks for it.
   */
  generate(prompt: string | readonly ChatMessage[], options?: GenerateOptions): Generation;
  /** A new conversation. Its memory is one of `info.conversations`; it is taken when it is first used. */
  session(): Session;
  /**
   * A conversation that goes on where a saved one was. Rejects with `invalid_session` where the bytes are damaged, or
   * of another model or `kvType`, and with `context_overflow` where the context here is too short.
   */
  loadSession(saved: Uint8Array): Promise<Session>;
  tokenize(text: string, options?: TokenizeOptions): Promise<Int32Array>;
  detokenize(tokens: ArrayLike<number>, options?: DetokenizeOptions): Promise<string>;
  /** How many tokens a text, or messages in the model's chat template, take as a prompt. */
  countTokens(prompt: string | readonly ChatMessage[], options?: ChatTemplateOptions): Promise<number>;
  /** The prompt that messages become. */
  applyChatTemplate(messages: readonly ChatMessage[], options?: ChatTemplateOptions): Promise<string>;
  /** Chats in the shapes of OpenAI's client. */
  readonly chat: { readonly completions: ChatCompletions };
  /** Texts in the shapes of OpenAI's client. */
  readonly completions: Completions;
  /**
   * The embeddings of texts, in their order, of length 1: the product of two is their cosine. Calls are worked through
   * in the same queue as those of `generate`. The text of special tokens means those tokens. Rejects with
   * `context_overflow` where a text has more tokens than `info.contextLength`.
   */
  embed(texts: string | readonly string[], options?: EmbedOptions): Promise<Float32Array[]>;
  /** Embeddings in the shapes of OpenAI's client. */
  readonly embeddings: Embeddings;
  readonly info: EngineInfo;
  /** Ends the work and gives the memory back; resolves when that is done. What runs or waits rejects with `closed`. */
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export type { ChatMessage, ChatTemplateOptions, EmbedOptions, ModelSource };
