import type { EmbedOptions, Embedded } from '../engine/embed_options.js';
import type { EngineInfo } from '../engine/types.js';
import type { RequestOptions } from './openai.js';

/** What `embeddings.create` takes; a field that is null counts as left out. */
export interface EmbeddingCreateParams {
  /** One text or several. */
  readonly input: string | readonly string[];
  /** Any text: there is one model, the one that is loaded. */
  readonly model?: string;
  /** `float`: numbers; `base64`: the bytes of 32-bit numbers, low bytes first. Default: `float`. */
  readonly encoding_format?: 'float' | 'base64' | null;
  /** Only so many of the first numbers of each, for models that were trained to be cut so. */
  readonly dimensions?: number | null;
  /** Without effect. */
  readonly user?: string;
}

/** The vector of one text. */
export interface EmbeddingItem<Vector = number[]> {
  object: 'embedding';
  index: number;
  embedding: Vector;
}

export interface CreateEmbeddingResponse<Vector = number[]> {
  object: 'list';
  model: string;
  data: EmbeddingItem<Vector>[];
  usage: { prompt_tokens: number; total_tokens: number };
}

/** `embeddings` of OpenAI's client. */
export interface Embeddings {
  create(
    params: EmbeddingCreateParams & { readonly encoding_format: 'base64' },
    options?: RequestOptions,
  ): Promise<CreateEmbeddingResponse<string>>;
  create(
    params: EmbeddingCreateParams & { readonly encoding_format?: 'float' | null },
    options?: RequestOptions,
  ): Promise<CreateEmbeddingResponse>;
  create(
    params: EmbeddingCreateParams,
    options?: RequestOptions,
  ): Promise<CreateEmbeddingResponse | CreateEmbeddingResponse<string>>;
}

/** What it needs of an engine. */
export interface EmbeddingEngine {
  readonly info: EngineInfo;
  embedded(texts: readonly string[], options: EmbedOptions): Promise<Embedded>;
}

// The code behind it is loaded by the first call.
export function embeddings(engine: EmbeddingEngine): Embeddings {
  function create(
    params: EmbeddingCreateParams & { readonly encoding_format: 'base64' },
    options?: RequestOptions,
  ): Promise<CreateEmbeddingResponse<string>>;
  function create(
    params: EmbeddingCreateParams & { readonly encoding_format?: 'float' | null },
    options?: RequestOptions,
  ): Promise<CreateEmbeddingResponse>;
  async function create(
    params: EmbeddingCreateParams,
    options?: RequestOptions,
  ): Promise<CreateEmbeddingResponse | CreateEmbeddingResponse<string>> {
    const { createEmbedding } = await import('./embeddings.js');
    return createEmbedding(engine, params, options);
  }
  return { create };
}
