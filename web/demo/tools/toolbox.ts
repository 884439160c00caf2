// The functions that a model may call here.
import type { ChatCompletionTool } from 'wasm-chord';
import { calculate, shownNumber } from './calculator.js';
import { timeIn } from './clock.js';
import { device, readStored, store } from '../ui/stored.js';
import { isRecord, textIn } from '../ui/values.js';

export interface Tool {
  readonly name: string;
  readonly description: string;
  /** JSON schema of the arguments. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Runs in the page; absent where the user says what the function gives back. */
  readonly run?: (given: unknown) => string;
  /** What the user is offered to give back. */
  readonly example?: string;
}

const oneText = (name: string): Readonly<Record<string, unknown>> => ({
  type: 'object',
  properties: { [name]: { type: 'string' } },
  required: [name],
});

export const builtIn: readonly Tool[] = [
  {
    name: 'add_numbers',
    description: 'Calculate an expression such as 48 + 37',
    parameters: oneText('expression'),
    run: (given) => shownNumber(calculate(textIn(given, 'expression') ?? '')),
  },
  {
    name: 'get_time',
    description: 'Get the local time in a city',
    parameters: oneText('city'),
    run: (given) => timeIn(textIn(given, 'city')),
  },
  {
    name: 'get_weather',
    description: 'Get the weather in a city',
    parameters: oneText('city'),
    example: '{"weather": "sunny", "degrees": 21}',
  },
];

/** What the lab has chosen. */
export interface Toolbox {
  isOn: boolean;
  /** Names of those that the model is not told of. */
  off: string[];
  own: Tool[];
}

const storageKey = 'wasm-chord page: tools';

export function readToolbox(): Toolbox {
  const stored = readStored(device, storageKey);
  const box: Toolbox = { isOn: false, off: [], own: [] };
  if (!isRecord(stored)) return box;
  const { isOn, off, own } = stored;
  box.isOn = isOn === true;
  if (Array.isArray(off)) box.off = off.filter((name): name is string => typeof name === 'string');
  if (Array.isArray(own)) box.own = own.map(parseTool).filter((tool) => typeof tool !== 'string');
  return box;
}

export function keepToolbox(box: Toolbox): void {
  store(device, storageKey, box);
}

export function allTools({ own }: Toolbox): Tool[] {
  return [...builtIn, ...own];
}

/** Those that the model is told of. */
export function chosenTools(box: Toolbox): Tool[] {
  return box.isOn ? allTools(box).filter(({ name }) => !box.off.includes(name)) : [];
}

export function toRequest({ name, description, parameters }: Tool): ChatCompletionTool {
  return { type: 'function', function: { name, description, parameters } };
}

/** A function of the user's own. A string: what is wrong with it. */
export function parseTool(value: unknown): Tool | string {
  const name = textIn(value, 'name') ?? '';
  const parameters = isRecord(value) ? value['parameters'] : undefined;
  if (!/^[a-z_][\w-]{0,63}$/i.test(name)) {
    return `The name is “${name}”; it takes letters, digits and _, and at most 64 of them.`;
  }
  if (builtIn.some((tool) => tool.name === name)) return `There is a function ${name} already.`;
  if (!isRecord(parameters)) return 'The parameters must be a JSON schema: {"type": "object", "properties": …}.';
  return {
    name,
    description: textIn(value, 'description') ?? '',
    parameters,
    example: textIn(value, 'example') ?? '',
  };
}

/** What a call with these arguments gives back; errors are for the model to read, too. */
export function runTool({ run }: Required<Pick<Tool, 'run'>>, json: string): string {
  try {
    const given: unknown = JSON.parse(json === '' ? '{}' : json);
    return run(given);
  } catch (error) {
    return JSON.stringify({ error: error instanceof Error ? error.message : String(error) });
  }
}
