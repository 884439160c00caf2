import { ChordError, throwIfAborted } from '../errors.js';
import type { CreateEmbeddingResponse, EmbeddingCreateParams, EmbeddingEngine } from './embeddings_api.js';
import { checkFields, integer } from './fields.js';
import type { Fields } from './fields.js';
import { invalid, shown } from './messages.js';
import type { RequestOptions } from './openai.js';
import { heading } from './response.js';

const fields: Fields = {
  supported: ['input', 'encoding_format', 'dimensions'],
  inert: ['model', 'user'],
  limited: {},
};

/** `embeddings.create`. Rejects with `unsupported_field` and `invalid_argument` before any work. */
export async function createEmbedding(
  engine: EmbeddingEngine,
  params: EmbeddingCreateParams,
  options: RequestOptions = {},
): Promise<CreateEmbeddingResponse | CreateEmbeddingResponse<string>> {
  const signal = options.signal ?? undefined;
  checkFields(params, fields);
  const texts = textsOf(params.input);
  const format: unknown = params.encoding_format ?? 'float';
  if (format !== 'float' && format !== 'base64') {
    throw invalid(`encoding_format is ${shown(format)}; allowed are float and base64`);
  }
  const dimensions = integer(params, 'dimensions', 1, 0xffff_ffff);
  throwIfAborted(signal);
  const { vectors, tokens } = await engine.embedded(texts, { dimensions, signal });
  const response = <Vector>(encode: (vector: Float32Array) => Vector): CreateEmbeddingResponse<Vector> => ({
    object: 'list',
    model: heading('', engine).model,
    data: vectors.map((vector, index) => ({ object: 'embedding', index, embedding: encode(vector) })),
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  });
  return format === 'base64' ? response(base64) : response((vector) => Array.from(vector));
}

function textsOf(input: unknown): readonly string[] {
  const texts: readonly unknown[] = Array.isArray(input) ? input : [input];
  if (texts.length > 0 && texts.every((text) => typeof text === 'string')) return texts;
  const what = `input is ${shown(input)}; it must be a text, or an array of texts that is not empty`;
  if (texts.some((text) => typeof text === 'number' || Array.isArray(text))) {
    throw new ChordError('unsupported_field', `${what}: give texts, not tokens`);
  }
  throw invalid(what);
}

/** The numbers' bytes, low ones first. */
function base64(vector: Float32Array): string {
  const bytes = new DataView(new ArrayBuffer(vector.length * 4));
  for (const [index, value] of vector.entries()) bytes.setFloat32(index * 4, value, true);
  let text = '';
  for (let at = 0; at < bytes.byteLength; at += 1) text += String.fromCharCode(bytes.getUint8(at));
  return btoa(text);
}
