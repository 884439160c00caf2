// The form that answers are held to.
import { device, readStored, store } from '../ui/stored.js';
import { isRecord, textIn } from '../ui/values.js';

export type Structure =
  | { readonly kind: 'text' }
  | { readonly kind: 'json' }
  | { readonly kind: 'schema'; readonly schema: Readonly<Record<string, unknown>> }
  | { readonly kind: 'grammar'; readonly grammar: string };

export type StructureKind = Structure['kind'];

/** What the lab has chosen; schema and grammar as they were typed. */
export interface StructureChoice {
  kind: StructureKind;
  schema: string;
  grammar: string;
}

export const examples = {
  schema: `{
  "type": "object",
  "properties": {
    "name": { "type": "string", "maxLength": 20 },
    "kind": { "enum": ["fox", "cat", "dog", "bear"] },
    "age": { "type": "integer", "minimum": 1, "maximum": 30 },
    "friends": {
      "type": "array",
      "items": { "type": "string", "maxLength": 20 },
      "maxItems": 3
    }
  },
  "required": ["name", "kind", "age", "friends"],
  "additionalProperties": false
}`,
  grammar: `root ::= "The sky is " color "."
color ::= "red" | "green" | "blue" | "yellow" | "white" | "black"`,
} as const;

const storageKey = 'wasm-chord page: structure';
const kinds: readonly StructureKind[] = ['text', 'json', 'schema', 'grammar'];

export function kindOf(text: string | undefined): StructureKind {
  return kinds.find((kind) => kind === text) ?? 'text';
}

export function readStructure(): StructureChoice {
  const stored = readStored(device, storageKey);
  return {
    kind: kindOf(textIn(stored, 'kind')),
    schema: textIn(stored, 'schema') ?? examples.schema,
    grammar: textIn(stored, 'grammar') ?? examples.grammar,
  };
}

export function keepStructure(choice: StructureChoice): void {
  store(device, storageKey, choice);
}

/** A string: what is wrong with the schema. What can be enforced, and whether a grammar is one, the engine knows. */
export function structureOf({ kind, schema, grammar }: StructureChoice): Structure | string {
  if (kind === 'grammar') return { kind, grammar };
  if (kind !== 'schema') return { kind };
  try {
    const parsed: unknown = JSON.parse(schema);
    return isRecord(parsed) ? { kind, schema: parsed } : 'A schema is an object: {"type": "object", …}.';
  } catch (error) {
    return `The schema is no JSON: ${error instanceof Error ? error.message : String(error)}.`;
  }
}

export function isJson({ kind }: Structure): boolean {
  return kind === 'json' || kind === 'schema';
}

/** What came of an answer that was held to it, in words. */
export function checkAnswer(text: string, structure: Structure, isComplete: boolean): string {
  if (!isComplete) return 'cut off before the form was complete';
  if (structure.kind === 'grammar') return 'held to the grammar';
  try {
    JSON.parse(text);
    return structure.kind === 'schema' ? 'valid JSON, held to the schema' : 'valid JSON';
  } catch (error) {
    return `no valid JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
}
