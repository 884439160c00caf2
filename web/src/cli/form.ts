import { readFile } from 'node:fs/promises';
import type { GenerateOptions, JsonSchema } from 'wasm-chord';
import { messageOf } from '../errors.js';
import { UsageError } from './usage.js';

export const formUsage = `  --json-schema FILE        the answer is JSON that this schema describes
  --grammar FILE            the answer follows this grammar, in GBNF
`;

/** For `parse`. */
export const formOptions = { 'json-schema': { type: 'string' }, grammar: { type: 'string' } } as const;

export interface FormValues {
  readonly 'json-schema'?: string | undefined;
  readonly grammar?: string | undefined;
}

/** What the answer has to follow, from the files that the command line names. */
export async function formOf(values: FormValues): Promise<Pick<GenerateOptions, 'grammar' | 'responseFormat'>> {
  const { 'json-schema': schemaFile, grammar: grammarFile } = values;
  if (schemaFile !== undefined && grammarFile !== undefined)
    throw new UsageError('--json-schema and --grammar cannot be used together');
  if (grammarFile !== undefined) return { grammar: await readFile(grammarFile, 'utf8') };
  if (schemaFile === undefined) return {};
  const schema = parsed(schemaFile, await readFile(schemaFile, 'utf8'));
  if (isSchema(schema)) return { responseFormat: { type: 'json_schema', schema } };
  throw new UsageError(`${schemaFile} is no JSON schema: that is an object, true or false`);
}

function parsed(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`${file} is not JSON: ${messageOf(cause)}`, { cause });
  }
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'boolean' || (typeof value === 'object' && value !== null && !Array.isArray(value));
}
