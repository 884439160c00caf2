// Conversations in IndexedDB, and all of them in memory, where they are searched: text is small beside a model.
import { openDB } from 'idb';
import type { DBSchema, IDBPDatabase } from 'idb';
import type { Conversation } from './conversation.js';
import { parseConversation } from './parse.js';

interface Schema extends DBSchema {
  conversations: { key: string; value: unknown };
}

const name = 'wasm-chord page';
const table = 'conversations';

export interface StoreSurroundings {
  /** The list, or one of them, is another: here, or in another tab of the page. */
  readonly onChanged: () => void;
  /** Another tab wrote this one. */
  readonly onWrittenElsewhere: (conversation: Conversation) => void;
  /** They are kept in memory only, since the browser refused; why. */
  readonly onRefused: (reason: unknown) => void;
}

export class ConversationStore {
  readonly #around: StoreSurroundings;
  readonly #channel = new BroadcastChannel(name);
  readonly #all = new Map<string, Conversation>();
  #database: IDBPDatabase<Schema> | undefined;

  constructor(around: StoreSurroundings) {
    this.#around = around;
    this.#channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      if (typeof data === 'string') void this.#readAgain(data);
    });
  }

  /** Reads what earlier visits left. */
  async open(): Promise<void> {
    try {
      const database = await openDB<Schema>(name, 1, {
        upgrade: (opened) => {
          opened.createObjectStore(table, { keyPath: 'id' });
        },
        // A newer version of the page waits for this one.
        blocking: () => {
          this.#database?.close();
        },
      });
      for (const value of await database.getAll(table)) {
        const conversation = parseConversation(value);
        if (conversation && !this.#all.has(conversation.id)) this.#all.set(conversation.id, conversation);
      }
      this.#database = database;
    } catch (error) {
      this.#around.onRefused(error);
    }
    this.#around.onChanged();
  }

  /** The last one that something was said in comes first. */
  list(): Conversation[] {
    return [...this.#all.values()].sort((a, b) => b.updated - a.updated);
  }

  get(id: string): Conversation | undefined {
    return this.#all.get(id);
  }

  /** Keeps it as it is now. */
  async write(conversation: Conversation): Promise<void> {
    this.#all.set(conversation.id, conversation);
    this.#around.onChanged();
    await this.#change((database) => database.put(table, conversation), conversation.id);
  }

  async delete({ id }: Conversation): Promise<void> {
    this.#all.delete(id);
    this.#around.onChanged();
    await this.#change((database) => database.delete(table, id), id);
  }

  async #change(change: (database: IDBPDatabase<Schema>) => Promise<unknown>, id: string): Promise<void> {
    if (!this.#database) return;
    try {
      await change(this.#database);
      this.#channel.postMessage(id);
    } catch (error) {
      this.#around.onRefused(error);
    }
  }

  async #readAgain(id: string): Promise<void> {
    const conversation = parseConversation(await this.#database?.get(table, id));
    if (conversation) {
      this.#all.set(id, conversation);
      this.#around.onWrittenElsewhere(conversation);
    } else this.#all.delete(id);
    this.#around.onChanged();
  }
}
