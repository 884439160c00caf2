import { ChordError, messageOf } from '../errors.js';
import { formatMessages, formatNames, isFormat } from './formats.js';
import { messageForms } from './message_forms.js';
import { invalid, isRecord, plainMessages, shown } from './messages.js';
import type { ChatMessage, PlainMessage } from './messages.js';

/** What a model's file says about the prompts that it was trained on. */
export interface ModelTemplates {
  /** `tokenizer.chat_template`: Jinja. */
  readonly source?: string | undefined;
  /** `tokenizer.chat_template.NAME`, by NAME: Jinja. */
  readonly named: Readonly<Record<string, string>>;
  /** The text of the token that begins a sequence, where the file names one. */
  readonly bosToken?: string | undefined;
  /** The text of the token that ends a turn, where the file names one. */
  readonly eosToken?: string | undefined;
  /** Whether the text is one token of the vocabulary. */
  readonly hasToken: (text: string) => Promise<boolean>;
}

/** How messages become a prompt. */
export interface ChatTemplateOptions {
  /**
   * Another template than the model's own: the name of one in its file (`tokenizer.chat_template.NAME`), of a known
   * format (chatml, llama2, llama3, alpaca, mistral, gemma, phi3, zephyr), or Jinja itself. Left out: the file's
   * `tokenizer.chat_template`, and with `tools` its `tool_use` where it has one; ChatML for a model without a template
   * whose vocabulary has the marks of ChatML.
   */
  readonly template?: string | undefined;
  /** Whether the prompt ends with what opens the model's turn; true if left out. */
  readonly addGenerationPrompt?: boolean | undefined;
  /** The functions that the model may call, as OpenAI's `tools`. */
  readonly tools?: readonly unknown[] | undefined;
  /** Variables that the template knows, such as `{ enable_thinking: false }` for Qwen3. */
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
}

type Choice = { readonly format: string } | { readonly jinja: string };

/**
 * The prompt for these messages, to be tokenized with the names of special tokens meaning those tokens, and with BOS
 * before it only if it does not begin with it. Rejects with
 *
 * - `invalid_argument`: something that is not a message; messages that the template refuses; a template name that is
 *   not known; a model without a template;
 * - `unsupported_field`: content that is not text; `tools` or `variables` for a format that has no place for them;
 * - `unsupported_format`: a template that cannot be rendered here.
 */
export async function renderPrompt(
  model: ModelTemplates,
  messages: readonly ChatMessage[],
  options: ChatTemplateOptions = {},
): Promise<string> {
  const plain = plainMessages(messages);
  const choice = await chooseTemplate(model, options);
  const addGenerationPrompt = options.addGenerationPrompt ?? true;
  if ('jinja' in choice) return renderSource(choice.jinja, model, plain, addGenerationPrompt, options);
  refuseForFormat('tools', options.tools?.length ? options.tools : undefined, choice.format);
  refuseForFormat('variables', Object.keys(options.variables ?? {})[0], choice.format);
  return formatMessages(choice.format, plain, addGenerationPrompt);
}

async function chooseTemplate(model: ModelTemplates, { template, tools }: ChatTemplateOptions): Promise<Choice> {
  if (template !== undefined) return templateOf(model, template);
  const forTools = tools?.length ? ownTemplate(model, 'tool_use') : undefined;
  const own = forTools ?? model.source ?? ownTemplate(model, 'default');
  if (own !== undefined) return { jinja: own };
  const marks = await Promise.all(['<|im_start|>', '<|im_end|>'].map((mark) => model.hasToken(mark)));
  if (marks.every((known) => known)) return { format: 'chatml' };
  throw invalid(
    'the model has no chat template: it may not be made for chat. Give it a text to go on from, or choose a template, ' +
      `which is one of ${formatNames.join(', ')}, or Jinja`,
  );
}

function templateOf(model: ModelTemplates, template: string): Choice {
  const own = ownTemplate(model, template);
  if (own !== undefined) return { jinja: own };
  if (isFormat(template)) return { format: template };
  if (/\{[{%]/.test(template)) return { jinja: template };
  const names = [...Object.keys(model.named), ...formatNames];
  throw invalid(`the template ${shown(template)} is not known; give one of ${names.join(', ')}, or Jinja`);
}

function ownTemplate(model: ModelTemplates, name: string): string | undefined {
  return Object.hasOwn(model.named, name) ? model.named[name] : undefined;
}

function refuseForFormat(field: string, value: unknown, format: string): void {
  if (value === undefined) return;
  throw new ChordError(
    'unsupported_field',
    `${field}: ${shown(value)} is given, and the chat format "${format}" has no place for it; leave it out, or use a ` +
      'model whose own template knows it',
  );
}

async function renderSource(
  source: string,
  model: ModelTemplates,
  messages: readonly PlainMessage[],
  addGenerationPrompt: boolean,
  options: ChatTemplateOptions,
): Promise<string> {
  const { isReserved, renderFirst, TemplateRefusal } = await import('./jinja.js');
  // Few templates know OpenAI's newer name of the system's role.
  const known = source.includes('developer') ? messages : messages.map(asSystem);
  const own = {
    tools: options.tools?.length ? options.tools : null,
    documents: null,
    add_generation_prompt: addGenerationPrompt,
    ...(model.bosToken === undefined ? {} : { bos_token: model.bosToken }),
    ...(model.eosToken === undefined ? {} : { eos_token: model.eosToken }),
  };
  const variables = options.variables ?? {};
  if (!isRecord(variables)) throw invalid(`template variables are ${shown(variables)}; give an object`);
  const isTaken = (name: string): boolean => name === 'messages' || isReserved(name) || Object.hasOwn(own, name);
  const taken = Object.keys(variables).find((name) => name !== 'documents' && isTaken(name));
  if (taken !== undefined) {
    throw invalid(`the template variable ${taken} cannot be given: it is set from the messages and options`);
  }
  try {
    return renderFirst(
      source,
      messageForms(known).map((form) => ({ ...own, ...variables, messages: form })),
    );
  } catch (error) {
    if (error instanceof TemplateRefusal) {
      const message = `the chat template refuses these messages: ${error.message}`;
      throw new ChordError('invalid_argument', message, { cause: error });
    }
    throw new ChordError(
      'unsupported_format',
      `the chat template cannot be rendered (${messageOf(error)}); choose a template, one of ` +
        `${formatNames.join(', ')}, or Jinja of your own`,
      { cause: error },
    );
  }
}

function asSystem(message: PlainMessage): PlainMessage {
  return message.role === 'developer' ? { ...message, role: 'system' } : message;
}
