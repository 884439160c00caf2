import type { GenerateOptions } from '../engine/types.js';
import { integer } from './fields.js';
import type { SamplingParams } from './openai.js';

/** The options of each of the `n` answers that a request asks for: their seeds follow one another. */
export function choicesOf(params: SamplingParams, options: GenerateOptions): GenerateOptions[] {
  const length = integer(params, 'n', 1, 128) ?? 1;
  const { seed } = options;
  return Array.from({ length }, (_, index) =>
    seed === undefined || index === 0 ? options : { ...options, seed: BigInt(seed) + BigInt(index) },
  );
}

/**
 * Reads answers one after the other. All are begun at once, so that no other call comes between them, and each but the
 * first finds the prompt computed. Those whose turn has not come when the loop is left are for their signal to stop.
 */
export async function* inTurn<Part>(answers: readonly AsyncGenerator<Part>[]): AsyncGenerator<Part> {
  const begun = answers.map((answer) => ({ answer, first: answer.next() }));
  // A failure is heard of when its turn comes.
  for (const { first } of begun) first.catch(() => undefined);
  for (const { answer, first } of begun) {
    try {
      for (let next = await first; next.done !== true; next = await answer.next()) yield next.value;
    } finally {
      // Where the loop was left within it.
      await answer.return(undefined);
    }
  }
}
