import { invalid } from './messages.js';
import type { PlainMessage } from './messages.js';

type Turn = readonly [open: string, close: string];

// The formats of src/text/chat_template.cc; BOS is left to tokenization.
interface Format {
  readonly system: Turn;
  readonly user: Turn;
  readonly assistant: Turn;
  /** What opens the assistant's turn. */
  readonly generation: string;
  /** The system message goes into the first user turn. */
  readonly systemInsideUser?: boolean;
  /** User and assistant take turns, beginning with user. */
  readonly alternates?: boolean;
  /** White space around contents is dropped. */
  readonly trims?: boolean;
  /** What comes before a user turn that is not the first. */
  readonly betweenExchanges?: string;
  /** Said where there is no system message. */
  readonly defaultSystem?: string;
}

const formats = new Map<string, Format>(
  Object.entries({
    chatml: {
      system: ['<|im_start|>system\n', '<|im_end|>\n'],
      user: ['<|im_start|>user\n', '<|im_end|>\n'],
      assistant: ['<|im_start|>assistant\n', '<|im_end|>\n'],
      generation: '<|im_start|>assistant\n',
    },
    llama2: {
      system: ['<<SYS>>\n', '\n<</SYS>>\n\n'],
      user: ['[INST] ', ' [/INST]'],
      assistant: [' ', ' </s>'],
      generation: '',
      systemInsideUser: true,
      alternates: true,
      trims: true,
      betweenExchanges: '<s>',
    },
    llama3: {
      system: ['<|start_header_id|>system<|end_header_id|>\n\n', '<|eot_id|>'],
      user: ['<|start_header_id|>user<|end_header_id|>\n\n', '<|eot_id|>'],
      assistant: ['<|start_header_id|>assistant<|end_header_id|>\n\n', '<|eot_id|>'],
      generation: '<|start_header_id|>assistant<|end_header_id|>\n\n',
      trims: true,
    },
    alpaca: {
      system: ['', '\n\n'],
      user: ['### Instruction:\n', '\n\n'],
      assistant: ['### Response:\n', '\n\n'],
      generation: '### Response:\n',
      defaultSystem:
        'Below is an instruction that describes a task. Write a response that appropriately completes the request.',
    },
    mistral: {
      system: ['', '\n\n'],
      user: ['[INST] ', ' [/INST]'],
      assistant: [' ', '</s>'],
      generation: '',
      systemInsideUser: true,
      alternates: true,
    },
    gemma: {
      system: ['', '\n\n'],
      user: ['<start_of_turn>user\n', '<end_of_turn>\n'],
      assistant: ['<start_of_turn>model\n', '<end_of_turn>\n'],
      generation: '<start_of_turn>model\n',
      systemInsideUser: true,
      alternates: true,
      trims: true,
    },
    phi3: {
      system: ['<|system|>\n', '<|end|>\n'],
      user: ['<|user|>\n', '<|end|>\n'],
      assistant: ['<|assistant|>\n', '<|end|>\n'],
      generation: '<|assistant|>\n',
    },
    zephyr: {
      system: ['<|system|>\n', '</s>\n'],
      user: ['<|user|>\n', '</s>\n'],
      assistant: ['<|assistant|>\n', '</s>\n'],
      generation: '<|assistant|>\n',
    },
  }),
);

/** chatml, llama2, llama3, alpaca, mistral, gemma, phi3, zephyr. */
export const formatNames: readonly string[] = [...formats.keys()];

export function isFormat(name: string): boolean {
  return formats.has(name);
}

/**
 * The prompt for these messages in a named format, as `format_chat` of the core has it, over several turns. Throws
 * `invalid_argument` for roles, or an order of them, that the format has no place for.
 */
export function formatMessages(name: string, messages: readonly PlainMessage[], addGenerationPrompt: boolean): string {
  const format = formats.get(name);
  if (!format) throw invalid(`the chat format "${name}" is not known; the known ones are ${formatNames.join(', ')}`);
  const turns = messages.map((message) => (message.role === 'developer' ? { ...message, role: 'system' } : message));
  checkTurns(name, format, turns);
  const text = (content: string): string => (format.trims ? trimmed(content) : content);
  const wrapped = ([open, close]: Turn, content: string): string => open + text(content) + close;

  let system = '';
  let out = turns[0]?.role !== 'system' && format.defaultSystem ? wrapped(format.system, format.defaultSystem) : '';
  let users = 0;
  for (const { role, content } of turns) {
    if (role === 'assistant') {
      out += wrapped(format.assistant, content);
    } else if (role === 'system') {
      if (format.systemInsideUser) system = wrapped(format.system, content);
      else out += wrapped(format.system, content);
    } else {
      const [open, close] = format.user;
      if (users > 0) out += format.betweenExchanges ?? '';
      out += open + system + text(content) + close;
      system = '';
      users += 1;
    }
  }
  return addGenerationPrompt ? out + format.generation : out;
}

function checkTurns(name: string, format: Format, turns: readonly PlainMessage[]): void {
  const begin = turns[0]?.role === 'system' ? 1 : 0;
  for (const [index, { role, tool_calls: calls }] of turns.entries()) {
    if (role === 'tool' || calls !== undefined) {
      throw invalid(
        `messages[${index}] ${role === 'tool' ? 'has the role tool' : 'has tool_calls'}, for which the chat format ` +
          `"${name}" has no place; use a model whose own template knows tools`,
      );
    }
    if (role === 'system' && index > 0) {
      throw invalid(`messages[${index}] is a system message; in the chat format "${name}" only the first may be one`);
    }
    const due = (index - begin) % 2 === 0 ? 'user' : 'assistant';
    if (format.alternates && role !== 'system' && role !== due) {
      throw invalid(
        `messages[${index}] is from ${role} where the chat format "${name}" needs one from ${due}: ` +
          'they take turns, beginning with user',
      );
    }
  }
  if (begin === 1 && format.systemInsideUser && turns.length === 1) {
    throw invalid(
      `the chat format "${name}" puts the system message into the first user message, and there is none: add one`,
    );
  }
}

// What the core calls white space; String.trim takes more.
function trimmed(text: string): string {
  return text.replace(/^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g, '');
}
