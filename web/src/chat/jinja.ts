import { Environment, Interpreter, Template } from '@huggingface/jinja';
import { strftime } from './strftime.js';

/** A template said that it cannot take these messages (`raise_exception`). */
export class TemplateRefusal extends Error {}

// What Python's sandbox allows, so that a template in a file cannot fill the memory with one word.
const maxRange = 100_000;

const globals = {
  true: true,
  false: false,
  none: null,
  True: true,
  False: false,
  None: null,
  range,
  raise_exception: (message: unknown): never => {
    throw new TemplateRefusal(String(message));
  },
  strftime_now: (format: unknown): string => strftime(String(format), new Date()),
};

/** Whether a template cannot be given a variable of this name. */
export function isReserved(name: string): boolean {
  return Object.hasOwn(globals, name) || name === 'namespace';
}

/**
 * What the template makes of the first of these sets of variables that it can take, in the dialect of chat templates:
 * blocks are trimmed, `tojson` escapes nothing for HTML. Throws `TemplateRefusal`, and other errors where the source is
 * not such a template or can take none of them.
 */
export function renderFirst(source: string, choices: readonly Readonly<Record<string, unknown>>[]): string {
  const { parsed } = new Template(source);
  const failures: unknown[] = [];
  const doubtful: string[] = [];
  for (const variables of choices) {
    const environment = new Environment();
    for (const [name, value] of Object.entries({ ...globals, ...variables })) environment.set(name, value);
    try {
      const text = new Interpreter(environment).run(parsed).toString();
      if (!text.includes(objectAsText)) return text;
      doubtful.push(text);
    } catch (error) {
      if (error instanceof TemplateRefusal) throw error;
      failures.push(error);
    }
  }
  // A message may say it, too.
  const [text] = doubtful;
  if (text !== undefined) return text;
  throw failures[0];
}

// What an object becomes that a template adds to a text, which fails in Python.
const objectAsText = '[object Map]';

function range(first: number, end?: number, step = 1): number[] {
  const [start, stop] = end === undefined ? [0, first] : [first, end];
  const length = Math.max(0, Math.ceil((stop - start) / step));
  if (!(length <= maxRange)) throw new Error(`range() of ${length} numbers; at most ${maxRange} are allowed`);
  return Array.from({ length }, (_, index) => start + index * step);
}
