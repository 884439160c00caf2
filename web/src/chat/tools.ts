import { ChordError } from '../errors.js';
import type { Engine } from '../engine/types.js';
import { CallSplitter, callFormats } from './call_splitter.js';
import type { CallFormat } from './call_splitter.js';
import { invalid, isRecord, shown } from './messages.js';
import type { ChatCompletionTool, ChatCompletionToolChoice } from './openai.js';
import type { ChatTemplateOptions } from './template.js';

/** What a request says about functions. */
export interface ToolUse {
  /** Those that the model is told of. */
  readonly tools: readonly ChatCompletionTool[];
  /** Those of which it has to call one, where it has to. */
  readonly required: readonly ChatCompletionTool[] | undefined;
  /** Whether it has to be one function by its name. */
  readonly named: boolean;
}

/** Throws `invalid_argument` for what is not a function, and `unsupported_field` for choices that are not known. */
export function toolsOf(
  tools: readonly ChatCompletionTool[] | undefined,
  choice: ChatCompletionToolChoice | undefined,
): ToolUse {
  const given: unknown = tools ?? [];
  if (!Array.isArray(given)) throw invalid(`tools is ${shown(given)}; it must be an array of functions`);
  for (const [index, tool] of given.entries()) checkTool(tool, `tools[${index}]`);
  const all = tools ?? [];
  const chosen: unknown = choice ?? 'auto';
  if (chosen === 'none') return { tools: [], required: undefined, named: false };
  if (chosen === 'auto') return { tools: all, required: undefined, named: false };
  const called = isRecord(chosen) && chosen['type'] === 'function' ? chosen['function'] : undefined;
  const name = isRecord(called) ? called['name'] : undefined;
  if (chosen !== 'required' && name === undefined) {
    throw new ChordError(
      'unsupported_field',
      `tool_choice is ${shown(chosen)}: it can be "auto", "none", "required" or { type: "function", function: { name } }`,
    );
  }
  const required = chosen === 'required' ? all : all.filter((tool) => tool.function.name === name);
  if (required.length > 0) return { tools: all, required, named: name !== undefined };
  const names = shown(all.map((tool) => tool.function.name));
  throw invalid(`tool_choice is ${shown(chosen)}, and the tools are ${names}: there is none to call`);
}

function checkTool(tool: unknown, at: string): void {
  const called = isRecord(tool) && tool['type'] === 'function' ? tool['function'] : undefined;
  if (!isRecord(called) || typeof called['name'] !== 'string') {
    throw invalid(`${at} is ${shown(tool)}; it must be { type: "function", function: { name, … } }`);
  }
}

// What the prompts of these formats have in common where there are tools.
const signs: readonly [sign: string, format: CallFormat][] = [
  ['<tool_call>', callFormats.hermes],
  ['[AVAILABLE_TOOLS]', callFormats.mistral],
  ['"parameters": dictionary of argument name', callFormats.llama3],
];

/**
 * What finds calls in an answer: the format is known by what the template makes of the tools. Rejects with
 * `unsupported_field` where it makes nothing of them, or where the format is not known.
 */
export async function callSplitter(
  engine: Pick<Engine, 'applyChatTemplate'>,
  tools: readonly ChatCompletionTool[],
  options: ChatTemplateOptions,
): Promise<CallSplitter> {
  const question = [{ role: 'user' as const, content: 'Hi' }];
  const [without, prompt] = await Promise.all([
    engine.applyChatTemplate(question, { ...options, tools: undefined }),
    engine.applyChatTemplate(question, { ...options, tools }),
  ]);
  const format = signs.find(([sign]) => prompt.includes(sign) && !without.includes(sign))?.[1];
  const names = tools.map((tool) => tool.function.name);
  if (format) return new CallSplitter(format, names);
  throw new ChordError(
    'unsupported_field',
    prompt === without
      ? `tools: ${shown(names)} are given, and the model's chat template has no place for them; use a model that knows tools`
      : `tools: ${shown(names)} are given, and how this model writes calls is not known; the known ways are those of ` +
          'Hermes and Qwen, Mistral and Llama 3',
  );
}
