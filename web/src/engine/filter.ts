import { filterSize, readFilter } from '../abi/generated.js';
import { ChordError } from '../errors.js';
import type { Session } from '../host/session.js';

/** Edits the logits that each token of a generation is sampled from, in the thread that computes. */
export interface LogitFilter {
  /**
   * Gets the row before a token is sampled, after penalties and biases. Edits it in place and returns nothing, or
   * resolves to the row that takes its place. The array is the core's own memory: it is valid until this returns, or
   * calls the core.
   */
  apply(logits: Float32Array): Promise<Float32Array> | undefined;
  /** Gets the token that was sampled, unless it ended the text. */
  accept(token: number): void;
}

/** Lets all of them edit the row that a session waits for, one after the other; `cancelled`: no more of it. */
export async function applyFilters(
  session: Session,
  filters: readonly LogitFilter[],
  cancelled: () => boolean,
): Promise<void> {
  for (const filter of filters) {
    const later = filter.apply(rowOf(session));
    if (!later) continue;
    const edited = await later;
    if (cancelled()) return;
    const row = rowOf(session);
    if (edited.length !== row.length) {
      throw new ChordError(
        'invalid_argument',
        `the edited row has ${edited.length} logits; the vocabulary has ${row.length}`,
      );
    }
    row.set(edited);
  }
}

/** What the session's next token is sampled from. */
function rowOf(session: Session): Float32Array {
  return session.use((core, address) =>
    core.withScratch((scratch) => {
      const out = scratch.allocate(filterSize);
      core.check((x) => x.chord_get_filter(address, out));
      const { logits, vocabSize } = readFilter(core.control.data, out);
      return new Float32Array(core.control.memory.buffer, logits, vocabSize);
    }),
  );
}
