/** A JSON schema, which is itself JSON. `docs/structured-output.md` tells which keywords are enforced. */
export type JsonSchema = boolean | Readonly<Record<string, unknown>>;

/** What a text is to be, as a whole. */
export type ResponseFormat =
  | { readonly type: 'text' }
  /** Any JSON object. */
  | { readonly type: 'json_object' }
  /** JSON that the schema describes. */
  | { readonly type: 'json_schema'; readonly schema: JsonSchema };

/** A grammar that calls JSON schemas as rules. */
export interface GrammarWithSchemas {
  /** In GBNF: `root ::= "answer: " person`. */
  readonly gbnf: string;
  /** By the names of the rules: `{ person: { type: 'object', … } }`. */
  readonly schemas?: Readonly<Record<string, JsonSchema>>;
  /** Control tokens that may come in the text, by what they stand for in the grammar. */
  readonly marks?: Readonly<Record<string, number>>;
}
