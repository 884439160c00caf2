import { ChordError } from '../errors.js';
import type { GenerateOptions } from '../engine/types.js';
import type { JsonSchema } from '../grammar/types.js';
import { textUntil } from './gbnf.js';
import { invalid, isRecord, shown } from './messages.js';
import { reasoningMarks } from './reasoning.js';

/** What keeps the text of a generation to a form. */
export type Form = Pick<GenerateOptions, 'grammar' | 'responseFormat'>;

/**
 * What `response_format` and `grammar` of a request ask for. Throws `invalid_argument`, and `unsupported_field` for
 * formats that are not known.
 */
export function answerFormat(params: { readonly response_format?: unknown; readonly grammar?: unknown }): Form {
  const { response_format: format, grammar } = params;
  const schema = schemaOf(format ?? { type: 'text' });
  if (grammar === undefined || grammar === null) {
    return schema === undefined ? {} : { responseFormat: { type: 'json_schema', schema } };
  }
  if (typeof grammar !== 'string') throw invalid(`grammar is ${shown(grammar)}; it must be a grammar in GBNF, as text`);
  if (schema !== undefined) throw invalid('grammar and response_format are both given; leave one of them out');
  return { grammar };
}

function schemaOf(format: unknown): JsonSchema | undefined {
  if (!isRecord(format)) throw invalid(`response_format is ${shown(format)}; it must be an object with a type`);
  const { type, json_schema: named } = format;
  if (type === 'text') return undefined;
  if (type === 'json_object') return { type: 'object' };
  if (type !== 'json_schema') {
    const known = 'text, json_object and json_schema';
    throw new ChordError('unsupported_field', `response_format.type is ${shown(type)}: the types are ${known}`);
  }
  const schema = isRecord(named) ? (named['schema'] ?? true) : undefined;
  if (typeof schema === 'boolean' || isRecord(schema)) return schema;
  throw invalid(`response_format.json_schema is ${shown(named)}; it must be { name, schema }`);
}

/** The form of a text that begins with reasoning, which the prompt has opened. `marks`: special tokens, by token. */
export function behindReasoning(responseFormat: Form['responseFormat'], marks: ReadonlyMap<number, string>): Form {
  if (responseFormat?.type !== 'json_schema') return {};
  const [, close] = reasoningMarks;
  return {
    grammar: {
      gbnf: `root ::= thought\n${textUntil('thought', close, 'answer', false)}\nanswer ::= [\\n ]{0,2} json`,
      schemas: { json: responseFormat.schema },
      marks: Object.fromEntries([...marks].map(([token, mark]) => [mark, token])),
    },
    responseFormat: undefined,
  };
}
