import type { Model } from '../host/model.js';

/** The bytes of all tokens, one behind the other. */
export interface TokenTexts {
  readonly texts: Uint8Array;
  /** Where each token's end in it: 32-bit numbers. */
  readonly ends: Uint8Array;
  /** chord_token_flags of each. */
  readonly flags: Uint8Array;
}

export function tokenTexts(model: Model): TokenTexts {
  const { core } = model;
  const count = model.info().vocabSize;
  return core.withScratch((scratch) => {
    const ends = scratch.allocate(count * 4);
    const flags = scratch.allocate(count);
    const length = scratch.allocate(4);
    const read = (texts: number, capacity: number): number => {
      core.check((x) => x.chord_model_token_texts(model.address, count, texts, capacity, ends, flags, length));
      return core.control.data.getUint32(length, true);
    };
    const bytes = read(0, 0);
    const texts = scratch.allocate(bytes);
    read(texts, bytes);
    return {
      texts: core.control.at(texts, bytes).slice(),
      ends: core.control.at(ends, count * 4).slice(),
      flags: core.control.at(flags, count).slice(),
    };
  });
}

/** The same with other texts for some tokens. */
export function withMarks(
  { texts, ends, flags }: TokenTexts,
  marks: readonly { readonly token: number; readonly text: string }[],
): TokenTexts {
  const encoder = new TextEncoder();
  const added = new Map(marks.map(({ token, text }) => [token, encoder.encode(text)]));
  const oldEnds = new Uint32Array(ends.slice().buffer);
  const newEnds = new Uint32Array(oldEnds.length);
  const parts: Uint8Array[] = [];
  let [begin, end] = [0, 0];
  for (const [token, oldEnd] of oldEnds.entries()) {
    const part = added.get(token) ?? texts.subarray(begin, oldEnd);
    parts.push(part);
    begin = oldEnd;
    newEnds[token] = end += part.length;
  }
  const all = new Uint8Array(end);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return { texts: all, ends: new Uint8Array(newEnds.buffer), flags };
}
