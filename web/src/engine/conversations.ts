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

  /** What a run leaves: the last tokens may not have been computed. */
  keep(prompt: Int32Array, generated: readonly number[]): void {
    this.#cached = [...prompt, ...generated].slice(0, this.session.info().contextUsed);
  }
}

/**
 * The conversations that are kept. A prompt goes on with the one that has the longest beginning in common with it, if
 * that is at least half of what it holds, or the whole prompt; else it begins a new one, while there may be more, or
 * takes the place of the one that was not used for the longest time.
 */
export class Conversations {
  readonly #open: () => Session;
  readonly #kept: Conversation[] = [];
  #most: number;

  /** `first`: what is open already. `open` throws where there is no memory for another one. */
  constructor(first: Session, open: () => Session, most: number) {
    this.#open = open;
    this.#most = most;
    this.#kept.push(new Conversation(first));
  }

  get sessions(): readonly Session[] {
    return this.#kept.map(({ session }) => session);
  }

  get most(): number {
    return this.#most;
  }

  take(prompt: Int32Array): Conversation {
    const commons = this.#kept.map((conversation) => conversation.common(prompt));
    const best = commons.lastIndexOf(Math.max(...commons));
    const common = commons[best] ?? 0;
    const fits = 2 * common >= (this.#kept[best]?.length ?? 0) || common === prompt.length;
    const taken = fits ? this.#remove(best) : (this.#another() ?? this.#remove(0));
    // The one used last comes last.
    this.#kept.push(taken);
    return taken;
  }

  #remove(index: number): Conversation {
    return this.#kept.splice(index, 1)[0] ?? new Conversation(this.#open());
  }

  #another(): Conversation | undefined {
    if (this.#kept.length >= this.#most) return undefined;
    try {
      return new Conversation(this.#open());
    } catch (error) {
      if (!(error instanceof ChordError) || error.code !== 'out_of_memory') throw error;
      this.#most = this.#kept.length;
      return undefined;
    }
  }
}
