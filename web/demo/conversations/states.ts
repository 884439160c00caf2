import type { Engine, Session, sessions } from 'wasm-chord';

/** Sessions that outlast the page, by their names. */
export type SessionStore = Pick<typeof sessions, 'list' | 'load' | 'save' | 'delete'>;

const folder = 'wasm-chord-page';
// Ten thousand tokens of a model of a billion parameters, or so.
const mostBytes = 512 * 2 ** 20;

/**
 * What models hold of conversations, their tokens with keys and values, kept across reloads: the first answer after one
 * need not read the conversation anew. Whatever goes wrong with that costs no more than time.
 */
export class States {
  readonly #store: () => Promise<SessionStore>;
  // One after the other, so that the last word counts.
  #work: Promise<unknown> = Promise.resolve();

  constructor(store: () => Promise<SessionStore>) {
    this.#store = store;
  }

  /** Goes on with what is kept of a conversation; undefined where that is nothing, or of no use: then it is deleted. */
  restore(engine: Engine, conversation: string): Promise<Session | undefined> {
    return this.#inTurn(async (store) => {
      const session = await store.load(conversation, engine, folder).catch(() => undefined);
      if (!session) await store.delete(conversation, folder);
      return session;
    });
  }

  /** Keeps a session of about so many bytes, and deletes the oldest where they are too many together. */
  keep(session: Session, conversation: string, bytes: number): Promise<unknown> {
    return this.#inTurn(async (store) => {
      const others = (await store.list(folder)).filter(({ name }) => name !== conversation);
      others.sort((a, b) => Number(b.time) - Number(a.time));
      let total = bytes;
      for (const { name, size } of others) {
        total += size;
        if (total > mostBytes) await store.delete(name, folder);
      }
      if (bytes > mostBytes) await store.delete(conversation, folder);
      else await store.save(conversation, session, folder);
    });
  }

  forget(conversation: string): Promise<unknown> {
    return this.#inTurn((store) => store.delete(conversation, folder));
  }

  #inTurn<Result>(work: (store: SessionStore) => Promise<Result>): Promise<Result | undefined> {
    const done = this.#work.then(async () => work(await this.#store())).catch(() => undefined);
    this.#work = done;
    return done;
  }
}

export const states = new States(async () => (await import('wasm-chord')).sessions);
