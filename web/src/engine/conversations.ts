import { ChordError } from '../errors.js';
import type { Session } from '../host/session.js';

/** A session of the core, with the tokens whose keys and values it holds. */
export class Conversation {
  readonly session: Session;
  #cached: readonly number[] = [];

  constructor(session: Session) {
    this.session = session;
  }

  get length(): number {
    return this.#cached.length;
  }

  /** How many of the prompt's first tokens are cached. */
  common(prompt: Int32Array): number {
    const length = Math.min(this.#cached.length, prompt.length);
    for (let i = 0; i < length; i += 1) if (this.#cached[i] !== prompt[i]) return i;
    return length;
  }

  forget(): void {
    this.session.clear();
    this.#cached = [];
  }

  /** What a run leaves: the last tokens may not have been computed. */
  keep(prompt: Int32Array, generated: readonly number[]): void {
    this.#cached = [...prompt, ...generated].slice(0, this.session.info().contextUsed);
  }
}

/**
 * The conversations that are kept. Those of a caller's sessions are the sessions' own. Among the others, a prompt goes on with the one that has the longest beginning in common with it, if
 * that is at least half of what it holds, or the whole prompt; else it begins a new one, while there may be more, or
 * takes the place of the one that was not used for the longest time.
 */
export class Conversations {
  readonly #open: () => Session;
  readonly #kept: Conversation[] = [];
  /** Of the caller's sessions, by their numbers. */
  readonly #owned = new Map<number, Conversation>();
  #most: number;

  /** `first`: what is open already. `open` throws where there is no memory for another one. */
  constructor(first: Session, open: () => Session, most: number) {
    this.#open = open;
    this.#most = most;
    this.#kept.push(new Conversation(first));
  }

  get sessions(): readonly Session[] {
    return [...this.#kept, ...this.#owned.values()].map(({ session }) => session);
  }

  get most(): number {
    return this.#most;
  }

  /** The conversation of a caller's session: an empty one at first. */
  own(number: number): Conversation {
    const owned = this.#owned.get(number);
    if (owned) return owned;
    const unused = this.#kept.findIndex(({ length }) => length === 0);
    const taken = unused >= 0 ? this.#remove(unused) : (this.#another() ?? this.#remove(0));
    taken.forget();
    this.#owned.set(number, taken);
    return taken;
  }

  /** It is for others from now on. */
  release(number: number): void {
    const owned = this.#owned.get(number);
    this.#owned.delete(number);
    if (owned) this.#kept.push(owned);
  }

  take(prompt: Int32Array): Conversation {
    const commons = this.#kept.map((conversation) => conversation.common(prompt));
    const best = commons.lastIndexOf(Math.max(...commons));
    const common = commons[best] ?? 0;
    const fits = best >= 0 && (2 * common >= (this.#kept[best]?.length ?? 0) || common === prompt.length);
    const taken = fits ? this.#remove(best) : (this.#another() ?? this.#remove(0));
    // The one used last comes last.
    this.#kept.push(taken);
    return taken;
  }

  #remove(index: number): Conversation {
    const removed = this.#kept.splice(index, 1)[0];
    if (removed) return removed;
    throw new ChordError(
      'out_of_memory',
      `the ${this.#most} conversations that there is memory for are sessions: dispose one of them, or load the model ` +
        'with a larger memoryBudget',
    );
  }

  #another(): Conversation | undefined {
    if (this.sessions.length >= this.#most) return undefined;
    try {
      return new Conversation(this.#open());
    } catch (error) {
      if (!(error instanceof ChordError) || error.code !== 'out_of_memory') throw error;
      this.#most = this.sessions.length;
      return undefined;
    }
  }
}
