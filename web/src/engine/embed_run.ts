import { chordTextFlags, embeddingOptionsSize, writeEmbeddingOptions } from '../abi/generated.js';
import { ChordError, throwIfAborted } from '../errors.js';
import type { Model } from '../host/model.js';
import { Pace } from '../host/pace.js';
import type { Session } from '../host/session.js';
import { tokenize } from '../host/text.js';
import type { EmbedSettings, Embedded } from './embed_options.js';

// As of a run that generates.
const stepBudgetMs = 10;
// The core is given so many texts at a time: on the GPU short ones share steps.
const together = 64;

/** Embeds the texts in their order; `take` gives a session for several of them, by the tokens of the last. */
export async function embedAll(
  model: Model,
  texts: readonly string[],
  settings: EmbedSettings,
  signal: AbortSignal,
  take: (tokens: Int32Array) => { readonly session: Session; readonly keep: () => void },
): Promise<Embedded> {
  const { embeddingLength } = model.info();
  if (settings.dimensions > embeddingLength) {
    throw new ChordError('invalid_argument', `dimensions is ${settings.dimensions}; vectors have ${embeddingLength}`);
  }
  const vectors: Float32Array[] = [];
  let tokens = 0;
  const pace = new Pace();
  while (vectors.length < texts.length) {
    const first = vectors.length;
    const prompts: number[] = [];
    const lengths: number[] = [];
    let last: Int32Array = new Int32Array();
    for (const text of texts.slice(first, first + together)) {
      await pace.keep();
      last = tokensOf(model, text);
      prompts.push(...last);
      lengths.push(last.length);
    }
    tokens += prompts.length;
    const { session, keep } = take(last);
    try {
      begin(model, session, prompts, lengths, settings);
      for (let done = false; !done;) {
        await pace.keep();
        if (signal.aborted) session.cancel();
        throwIfAborted(signal);
        const event = session.step(stepBudgetMs);
        if (event === 'waiting') await model.core.gpu?.settled();
        done = event === 'done';
      }
      for (const index of lengths.keys()) {
        vectors.push(shaped(vectorOf(model, session, index, embeddingLength), settings));
      }
    } catch (error) {
      throw ofText(first, error);
    } finally {
      if (model.core.isOpen) keep();
    }
  }
  return { vectors, tokens };
}

/** The tokens of a text, begun and ended as the file asks for it. */
function tokensOf(model: Model, text: string): Int32Array {
  const { addBos, addEos } = model.info();
  const flags = (addBos ? chordTextFlags.bos : 0) | (addEos ? chordTextFlags.eos : 0);
  return tokenize(model.core, model.address, text, true, flags);
}

function begin(
  { core }: Model,
  session: Session,
  tokens: readonly number[],
  lengths: readonly number[],
  { pooling, normalize, dimensions }: EmbedSettings,
): void {
  core.withScratch((scratch) => {
    const options = scratch.allocate(embeddingOptionsSize);
    // What is cut is divided by its length then.
    writeEmbeddingOptions(core.control.data, options, { pooling, raw: !normalize || dimensions > 0 ? 1 : 0 });
    const [text, each] = [scratch.int32s(tokens), scratch.int32s(lengths)];
    session.check((x, address) => x.chord_embed(address, text, each, lengths.length, options));
  });
}

/** The embedding of a text, when all are done. */
function vectorOf({ core }: Model, session: Session, text: number, length: number): Float32Array {
  return core.withScratch((scratch) => {
    const at = scratch.allocate(length * 4);
    session.check((x, address) => x.chord_get_embedding(address, text, at));
    return new Float32Array(core.control.at(at, length * 4).slice().buffer);
  });
}

function shaped(vector: Float32Array, { dimensions, normalize }: EmbedSettings): Float32Array {
  if (dimensions === 0) return vector;
  const cut = vector.slice(0, dimensions);
  const length = Math.hypot(...cut);
  return normalize && length > 0 ? cut.map((value) => value / length) : cut;
}

// The core counts the texts that it was given, from `first` on.
function ofText(first: number, error: unknown): unknown {
  if (first === 0 || !(error instanceof ChordError)) return error;
  const message = error.message.replace(/^text (\d+)/, (_, index) => `text ${first + Number(index)}`);
  return new ChordError(error.code, message);
}
