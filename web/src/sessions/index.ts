import type { Engine, Session } from '../engine/types.js';
import type * as Store from './store.js';
import type { SavedSession } from './store.js';

const store = (): Promise<typeof Store> => import('./store.js');

/**
 * Saved sessions that are kept under names: in a browser in the origin's private file system, in Node, Bun and Deno on
 * disk. Each takes the folder, where it is not the default one.
 */
export const sessions = {
  /** Those that are kept. */
  list: async (folder?: string): Promise<SavedSession[]> => (await store()).listSessions(folder),
  /** Saves a session under a name, in the place of what was there. `quota` where there is no room for it. */
  save: async (name: string, session: Session, folder?: string): Promise<void> =>
    (await store()).saveSession(name, session, folder),
  /** The session of a name; undefined where there is none. Rejects as `Engine.loadSession`. */
  load: async (name: string, engine: Engine, folder?: string): Promise<Session | undefined> =>
    (await store()).loadSession(name, engine, folder),
  /** Forgets the session of a name; false if there was none. */
  delete: async (name: string, folder?: string): Promise<boolean> => (await store()).deleteSession(name, folder),
};
