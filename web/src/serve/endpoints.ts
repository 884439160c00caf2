import type { EmbeddingCreateParams } from '../chat/embeddings_api.js';
import type { ChatCompletionCreateParamsBase, CompletionCreateParamsBase, RequestOptions } from '../chat/openai.js';
import { isRecord, shown } from '../chat/messages.js';
import { HttpError } from './http_error.js';
import type { ServedEngine } from './server.js';

/** Answers the JSON of a request: with an object, or with an async iterable of chunks. */
export type Endpoint = (engine: ServedEngine, body: unknown, options: RequestOptions) => Promise<unknown>;

/** What is posted to which path. */
export const endpoints: ReadonlyMap<string, Endpoint> = new Map<string, Endpoint>([
  ['/v1/chat/completions', (engine, body, options) => engine.chat.completions.create(params(body), options)],
  ['/v1/completions', (engine, body, options) => engine.completions.create(params(body), options)],
  ['/v1/embeddings', (engine, body, options) => engine.embeddings.create(params(body), options)],
]);

type Params = ChatCompletionCreateParamsBase & CompletionCreateParamsBase & EmbeddingCreateParams;

function params(body: unknown): Params {
  if (isParams(body)) return body;
  throw new HttpError(400, 'invalid_argument', `the request is ${shown(body)}; it must be an object`);
}

// What its fields hold is checked where they are used.
function isParams(body: unknown): body is Params {
  return isRecord(body);
}
