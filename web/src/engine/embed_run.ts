import { platform } from '#platform';
import { chordTextFlags, embeddingOptionsSize, writeEmbeddingOptions } from '../abi/generated.js';
import { ChordError, throwIfAborted } from '../errors.js';
import type { Model } from '../host/model.js';
import type { Session } from '../host/session.js';
import { tokenize } from '../host/text.js';
import type { EmbedSettings, Embedded } from './embed_options.js';

// As of a run that generates.
const stepBudgetMs = 10;

/** Embeds the texts one after the other; `take` gives the session for a text's tokens. */
export async function embedAll(
  model: Model,
  texts: readonly string[],
  settings: EmbedSettings,
  signal: AbortSignal,
  take: (tokens: Int32Array) => { readonly session: Session; readonly keep: () => void },
): Promise<Embedded> {
  const { embeddingLength } = model.info();
  if (settings.dimensions > embeddingLength) {
    const message = `dimensions is ${settings.dimensions}; the model's vectors have ${embeddingLength}`;
    throw new ChordError('invalid_argument', message);
  }
  const vectors: Float32Array[] = [];
  let tokens = 0;
  let turn = -Infinity;
  for (const [index, text] of texts.entries()) {
    const prompt = tokensOf(model, text);
    const { session, keep } = take(prompt);
    try {
      begin(model, session, prompt, settings);
      for (let done = false; !done;) {
        if (performance.now() - turn >= stepBudgetMs) {
          await platform.nextTask();
          turn = performance.now();
        }
        if (signal.aborted) session.cancel();
        throwIfAborted(signal);
        const event = session.step(stepBudgetMs);
        if (event === 'waiting') await model.core.gpu?.settled();
        done = event === 'done';
      }
      vectors.push(shaped(vectorOf(model, session, embeddingLength), settings));
    } catch (error) {
      throw texts.length === 1 ? error : ofText(index, error);
    } finally {
      if (model.core.isOpen) keep();
    }
    tokens += prompt.length;
  }
  return { vectors, tokens };
}

/** The tokens of a text, begun and ended as the file asks for it. */
function tokensOf(model: Model, text: string): Int32Array {
  const { addBos, addEos } = model.info();
  const flags = (addBos ? chordTextFlags.bos : 0) | (addEos ? chordTextFlags.eos : 0);
  return tokenize(model.core, model.address, text, true, flags);
}

function begin({ core }: Model, session: Session, tokens: Int32Array, settings: EmbedSettings): void {
  const { pooling, normalize, dimensions } = settings;
  core.withScratch((scratch) => {
    const options = scratch.allocate(embeddingOptionsSize);
    // What is cut is divided by its length then.
    writeEmbeddingOptions(core.control.data, options, { pooling, raw: !normalize || dimensions > 0 ? 1 : 0 });
    const text = scratch.int32s(tokens);
    session.check((x, address) => x.chord_embed(address, text, tokens.length, options));
  });
}

/** The embedding that is done. */
function vectorOf({ core }: Model, session: Session, length: number): Float32Array {
  return core.withScratch((scratch) => {
    const at = scratch.allocate(length * 4);
    session.check((x, address) => x.chord_get_embedding(address, at));
    return new Float32Array(core.control.at(at, length * 4).slice().buffer);
  });
}

function shaped(vector: Float32Array, { dimensions, normalize }: EmbedSettings): Float32Array {
  if (dimensions === 0) return vector;
  const cut = vector.slice(0, dimensions);
  const length = Math.hypot(...cut);
  return normalize && length > 0 ? cut.map((value) => value / length) : cut;
}

// Which of several texts it was.
function ofText(index: number, error: unknown): unknown {
  if (!(error instanceof ChordError) || error.code !== 'context_overflow') return error;
  return new ChordError(error.code, `text ${index}: ${error.message}`, { cause: error });
}
