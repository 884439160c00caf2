import type { Engine } from '../engine/types.js';

type Tokenizer = Pick<Engine, 'tokenize' | 'detokenize'>;

const hiddenOf = new WeakMap<Tokenizer, Map<string, Promise<number>>>();

/** The marks that are special tokens of the model, which a generated text leaves out, by token. */
export async function hiddenMarks(engine: Tokenizer, marks: readonly string[]): Promise<ReadonlyMap<number, string>> {
  const known = hiddenOf.get(engine) ?? new Map<string, Promise<number>>();
  hiddenOf.set(engine, known);
  const tokens = await Promise.all(
    marks.map((mark) => {
      const token = known.get(mark) ?? hiddenToken(engine, mark);
      known.set(mark, token);
      return token;
    }),
  );
  return new Map(tokens.map((token, index) => [token, marks[index] ?? ''] as const).filter(([token]) => token >= 0));
}

async function hiddenToken(engine: Tokenizer, mark: string): Promise<number> {
  const [token, another] = await engine.tokenize(mark, { special: true });
  if (token === undefined || another !== undefined) return -1;
  return (await engine.detokenize([token])) === '' ? token : -1;
}

/** How many characters at the end of the text may be the beginning of the mark. */
export function partOfMark(text: string, mark: string): number {
  for (let length = Math.min(mark.length - 1, text.length); length > 0; length -= 1) {
    if (text.endsWith(mark.slice(0, length))) return length;
  }
  return 0;
}
