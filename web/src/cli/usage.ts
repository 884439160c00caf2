import { parseArgs } from 'node:util';
import type { ParseArgsConfig } from 'node:util';
import { messageOf } from '../errors.js';

/** The command line is wrong. */
export class UsageError extends Error {}

/** As `parseArgs`, with what it finds wrong as a UsageError. */
export function parse<T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (cause) {
    throw new UsageError(messageOf(cause), { cause });
  }
}

/** A whole number of at least `least`, and at most `most`, as `--name` takes it. */
export function wholeNumber(name: string, text: string, least: number, most = 0xffff_ffff): number {
  const number = /^\d+$/.test(text) ? Number(text) : NaN;
  if (number >= least && number <= most) return number;
  const above = number > most ? ` and at most ${most}` : '';
  throw new UsageError(`--${name} cannot be '${text}'; it takes a whole number of at least ${least}${above}`);
}

/** One of several words, as `--name` takes it. */
export function oneOf<T extends string>(name: string, text: string, words: readonly T[]): T {
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  throw new UsageError(`--${name} cannot be '${text}'; it takes ${words.join('|')}`);
}
