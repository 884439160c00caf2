import type { JsonSchema } from './types.js';
import { ChordError } from '../errors.js';
import type { GenerateOptions } from '../engine/types.js';

/** What a text has to follow, as it crosses to the thread that computes. */
export interface TextConstraint {
  readonly kind: 'schema' | 'grammar';
  /** A JSON schema, or a grammar in GBNF. */
  readonly text: string;
  /** JSON schemas that the grammar calls as rules. */
  readonly rules: readonly { readonly name: string; readonly schema: string }[];
  /** Control tokens that may come in the text, and what they stand for in the grammar. */
  readonly marks: readonly { readonly token: number; readonly text: string }[];
}

/** What the options ask for; throws `invalid_argument`. */
export function constraintOf({ grammar, responseFormat }: GenerateOptions): TextConstraint | undefined {
  const format: unknown = responseFormat ?? { type: 'text' };
  if (!isRecord(format)) throw refused('responseFormat', format, 'an object with a type');
  if (grammar !== undefined && format['type'] !== 'text') {
    throw new ChordError('invalid_argument', 'grammar and responseFormat are both given; leave one of them out');
  }
  switch (format['type']) {
    case 'text':
      return grammar === undefined ? undefined : grammarConstraint(grammar);
    case 'json_object':
      return schemaConstraint('responseFormat', { type: 'object' });
    case 'json_schema':
      return schemaConstraint('responseFormat.schema', format['schema']);
    default:
      throw refused('responseFormat.type', format['type'], '"text", "json_object" and "json_schema"');
  }
}

function grammarConstraint(grammar: NonNullable<GenerateOptions['grammar']>): TextConstraint {
  if (typeof grammar === 'string') return { kind: 'grammar', text: grammar, rules: [], marks: [] };
  const { gbnf, schemas = {}, marks = {} }: { gbnf: unknown; schemas?: unknown; marks?: unknown } = grammar;
  if (typeof gbnf !== 'string' || !isRecord(schemas) || !isRecord(marks)) {
    throw refused('grammar', grammar, 'a text, or { gbnf, schemas }');
  }
  return {
    kind: 'grammar',
    text: gbnf,
    rules: Object.entries(schemas).map(([name, schema]) => ({
      name,
      schema: schemaText(`grammar.schemas.${name}`, schema),
    })),
    marks: Object.entries(marks).map(([text, token]) => ({ text, token: Number(token) })),
  };
}

function schemaConstraint(name: string, schema: unknown): TextConstraint {
  return { kind: 'schema', text: schemaText(name, schema), rules: [], marks: [] };
}

function schemaText(name: string, schema: unknown): string {
  if (!isSchema(schema)) throw refused(name, schema, 'a JSON schema: an object, true or false');
  try {
    return JSON.stringify(schema);
  } catch (cause) {
    throw new ChordError('invalid_argument', `${name} cannot be written as JSON`, { cause });
  }
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'boolean' || isRecord(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refused(name: string, value: unknown, allowed: string): ChordError {
  const given = typeof value === 'string' ? value : typeof value;
  return new ChordError('invalid_argument', `${name} is ${given}; allowed is ${allowed}`);
}
