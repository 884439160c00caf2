import type { GrammarWithSchemas, JsonSchema } from '../grammar/types.js';
import { callFormats } from './call_splitter.js';
import type { CallFormat } from './call_splitter.js';
import { literal, textUntil } from './gbnf.js';
import type { ChatCompletionTool } from './openai.js';
import { reasoningMarks } from './reasoning.js';

export interface CallRules {
  readonly format: CallFormat;
  readonly tools: readonly ChatCompletionTool[];
  /** Whether there has to be a call; else text may come before it, or instead. */
  readonly required: boolean;
  /** Whether there may be several. */
  readonly parallel: boolean;
  /** Whether the prompt has opened reasoning, which comes first. */
  readonly open: boolean;
  /** Marks that are special tokens, by token. */
  readonly marks: ReadonlyMap<number, string>;
}

/** The grammar of an answer with calls whose arguments follow the schemas of their functions. */
export function callGrammar({ format, tools, required, parallel, open, marks }: CallRules): GrammarWithSchemas {
  const schemas: Record<string, JsonSchema> = {};
  const bodies = tools.map(({ function: { name, parameters } }, index) => {
    const rule = `arguments-${index}`;
    schemas[rule] = parameters ?? { type: 'object', additionalProperties: false };
    const key = format === callFormats.llama3 ? 'parameters' : 'arguments';
    return `${literal(`{"name": ${JSON.stringify(name)}, "${key}": `)} ${rule} "}"`;
  });
  const { calls, behind } = callsOf(format, parallel);
  const begin = required ? 'calls' : 'text';
  const lines = [
    open ? 'root ::= thought' : `root ::= ${begin}`,
    ...(open ? [textUntil('thought', reasoningMarks[1], 'answer', false), `answer ::= [\\n ]{0,2} ${begin}`] : []),
    ...(required ? [] : [textUntil('text', format.open, 'behind', true)]),
    `calls ::= ${calls}`,
    `behind ::= ${behind}`,
    `call ::= ${bodies.join(' | ')}`,
  ];
  return {
    gbnf: lines.join('\n'),
    schemas,
    marks: Object.fromEntries([...marks].map(([token, mark]) => [mark, token])),
  };
}

// As the models were trained to write them; and what comes behind the mark that opens the first.
function callsOf({ open, close, bare }: CallFormat, parallel: boolean): { calls: string; behind: string } {
  const mark = literal(open);
  if (bare) return { calls: `${mark}? call`, behind: 'call' };
  if (close === undefined) {
    const behind = parallel ? '" "? "[" call (", " call)* "]"' : '" "? "[" call "]"';
    return { calls: `${mark} behind`, behind };
  }
  const end = `"\\n"? call "\\n"? ${literal(close)}`;
  return { calls: `${mark} behind`, behind: parallel ? `${end} ("\\n" ${mark} ${end})*` : end };
}
