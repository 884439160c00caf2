import { ChordError } from '../errors.js';

/** How texts become vectors. */
export interface EmbedOptions {
  /** How the embeddings of tokens become that of a text: their mean, the first token's or the last token's. Default: as the file names it. */
  readonly pooling?: 'mean' | 'cls' | 'last' | undefined;
  /** Whether vectors are divided by their length, so that a product of two is their cosine. Default: true. */
  readonly normalize?: boolean | undefined;
  /** Only so many of the first numbers of each, for models that were trained to be cut so (Matryoshka). Default: all. */
  readonly dimensions?: number | undefined;
  /** Aborting it stops the work, or takes it out of the queue, and makes the call reject with `cancelled`. */
  readonly signal?: AbortSignal | undefined;
}

/** The same with its defaults, as it crosses to the engine's side. */
export interface EmbedSettings {
  /** A chord_pooling. */
  readonly pooling: number;
  readonly normalize: boolean;
  /** 0: all. */
  readonly dimensions: number;
}

/** The vectors of texts, and how many tokens these had together. */
export interface Embedded {
  readonly vectors: Float32Array[];
  readonly tokens: number;
}

const poolings: readonly string[] = ['none', 'mean', 'cls', 'last'];

/** Throws `invalid_argument`, which names the option and what is allowed. */
export function embedSettings({ pooling, normalize = true, dimensions = 0 }: EmbedOptions): EmbedSettings {
  const number = pooling === undefined ? 0 : poolings.indexOf(pooling);
  if (number < 0) throw refused('pooling', pooling, 'mean, cls, last');
  if (!Number.isInteger(dimensions) || dimensions < 0)
    throw refused('dimensions', dimensions, 'a whole number above 0');
  return { pooling: number, normalize, dimensions };
}

/** The texts, one or several. */
export function embedTexts(texts: unknown): string[] {
  const list: readonly unknown[] = Array.isArray(texts) ? texts : [texts];
  return list.map((text) => {
    if (typeof text === 'string') return text;
    throw new ChordError('invalid_argument', `what is to be embedded is a ${typeof text}; it must be texts`);
  });
}

function refused(name: string, value: unknown, allowed: string): ChordError {
  return new ChordError('invalid_argument', `${name} is ${String(value)}; allowed is ${allowed}`);
}
