import type { Capabilities, Engine, EngineOptions, Estimate } from './engine/types.js';
import { Core } from './host/core.js';
import { formatChat } from './host/text.js';
import { compiledModules } from './init.js';

export type { ChatCompletions, Completions } from './chat/api.js';
export type {
  CreateEmbeddingResponse,
  EmbeddingCreateParams,
  EmbeddingItem,
  Embeddings,
} from './chat/embeddings_api.js';
export type {
  ChatCompletion,
  ChatCompletionChunk,
  ChatCompletionCreateParamsNonStreaming,
  ChatCompletionCreateParamsStreaming,
  ChatCompletionMessage,
  ChatCompletionTool,
  Completion,
  CompletionChunk,
  CompletionCreateParamsNonStreaming,
  CompletionCreateParamsStreaming,
  RequestOptions,
} from './chat/openai.js';
export type {
  ChatMessage,
  ChatTemplateOptions,
  Capabilities,
  DetokenizeOptions,
  EmbedOptions,
  Engine,
  EngineInfo,
  EngineMemory,
  EngineOptions,
  Estimate,
  EstimatedMemory,
  GenerateOptions,
  Generation,
  GenerationResult,
  GpuFacts,
  LogitProcessor,
  Piece,
  Session,
  StorageFacts,
  Timings,
  TokenLogprob,
  TokenizeOptions,
  Usage,
} from './engine/types.js';
export type { GrammarWithSchemas, JsonSchema, ResponseFormat } from './grammar/types.js';
export { default } from './init.js';
export type { InitOptions, ModuleSource } from './init.js';
export { ChordError } from './errors.js';
export { cache } from './cache/index.js';
export { sessions } from './sessions/index.js';
export type { SavedSession } from './sessions/store.js';
export type { CacheEntry } from './cache/cache.js';
export type { ChordErrorCode, CoreErrorCode } from './errors.js';
export { WasmModel } from './wasm_model.js';
export type { GenerateAsyncOptions, LoadOptions, ModelOptions, TextCallback } from './wasm_model.js';
export { AsyncTokenStream } from './token_stream.js';
export type { MoreConfig } from './config.js';
export type { MemoryInfo, ModelDescription } from './model_info.js';
export type { DownloadProgress, Fetch, SourceOptions } from './sources/options.js';
export type { CustomSource, FileSource, HuggingFaceSource, ModelSource } from './sources/source.js';
import type { ModelSource } from './sources/source.js';

/**
 * Loads a model, in a worker where one can start, and gives an engine for it. Rejects with a `ChordError`, whose code
 * says what was in the way.
 */
export async function load(source: ModelSource, options: EngineOptions = {}): Promise<Engine> {
  const { loadEngine } = await import('./engine/load.js');
  return loadEngine(source, options);
}

/**
 * What a model would take, and the context that fits here: reads no more than the header. Options are those of `load`,
 * as far as they matter. Rejects as `load` does.
 */
export async function estimate(source: ModelSource, options: EngineOptions = {}): Promise<Estimate> {
  const { estimateModel } = await import('./engine/estimate.js');
  return estimateModel(source, options);
}

/** What is here to run models on. */
export async function capabilities(): Promise<Capabilities> {
  const { findCapabilities } = await import('./engine/capabilities.js');
  return findCapabilities();
}

/**
 * A prompt for one question in a named template: chatml, llama2, llama3, alpaca, mistral, gemma, phi3 or zephyr.
 * Another name throws `invalid_argument`. `await init()` comes first.
 */
export function format_chat(system: string | null | undefined, user: string, template: string): string {
  return formatChat(sharedCore(), template, system ?? undefined, user);
}

/** The version of the core, "0.1.0". `await init()` comes first. */
export function version(): string {
  return sharedCore().cString((exports) => exports.chord_version());
}

// For what belongs to no model: an instance that holds nothing between calls.
let shared: Core | undefined;

function sharedCore(): Core {
  if (!shared?.isOpen) shared = new Core(compiledModules());
  return shared;
}
