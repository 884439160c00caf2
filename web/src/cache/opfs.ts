import { blobSource } from '../sources/source.js';
import type { Storage, Writer } from './storage.js';

/** The cache, or where sessions are kept, in the origin's private file system; undefined where there is none, or no locks to share it by. */
export async function openOpfs(folder: string | undefined, kind?: 'sessions'): Promise<Storage | undefined> {
  // Neither is there on plain HTTP, whatever the types say.
  if (!('storage' in navigator && 'locks' in navigator && 'getDirectory' in navigator.storage)) return undefined;
  const { storage, locks } = navigator;
  const name = folder ?? (kind ? `wasm-chord-${kind}` : 'wasm-chord');
  try {
    const root = await (await storage.getDirectory()).getDirectoryHandle(name, { create: true });
    // Asking may show a question, whose answer nothing here waits for. Only pages can.
    if ('persist' in storage) void storage.persist().catch(() => undefined);
    return new Opfs(root, name, storage, locks);
  } catch {
    // Private windows of some browsers refuse it.
    return undefined;
  }
}

class Opfs implements Storage {
  // A page's writer keeps a file only when it is closed, and copies it when it is opened again.
  readonly segmentBytes = 64 * 2 ** 20;
  readonly #root: FileSystemDirectoryHandle;
  readonly #folder: string;
  readonly #manager: StorageManager;
  readonly #locks: LockManager;

  constructor(root: FileSystemDirectoryHandle, folder: string, manager: StorageManager, locks: LockManager) {
    this.#root = root;
    this.#folder = folder;
    this.#manager = manager;
    this.#locks = locks;
  }

  async entries(): Promise<string[]> {
    const names: string[] = [];
    for await (const [name, handle] of this.#root.entries()) if (handle.kind === 'directory') names.push(name);
    return names;
  }

  async readText(entry: string, file: string): Promise<string | undefined> {
    return (await this.#file(entry, file))?.text();
  }

  async writeText(entry: string, file: string, text: string): Promise<void> {
    const handle = await this.#handle(entry, file);
    // A page's way replaces the file at once; the other is there where that is not.
    const writer = 'createWritable' in handle ? await pageWriter(handle, 0) : await workerWriter(handle, 0);
    await writer?.write(new TextEncoder().encode(text));
    await writer?.close();
  }

  async sizeOf(entry: string, file: string): Promise<number | undefined> {
    return (await this.#file(entry, file))?.size;
  }

  async open(entry: string, files: readonly string[]): ReturnType<Storage['open']> {
    const parts = await Promise.all(files.map(async (file) => (await this.#handle(entry, file)).getFile()));
    return blobSource(new Blob(parts));
  }

  async writer(entry: string, file: string, position: number): Promise<Writer> {
    const handle = await this.#handle(entry, file);
    return (await workerWriter(handle, position)) ?? pageWriter(handle, position);
  }

  async remove(entry: string, file?: string): Promise<void> {
    try {
      if (file === undefined) await this.#root.removeEntry(entry, { recursive: true });
      else await (await this.#root.getDirectoryHandle(entry)).removeEntry(file);
    } catch (error) {
      if (!isNamed(error, 'NotFoundError')) throw error;
    }
  }

  lock(entry: string): Promise<(() => Promise<void>) | undefined> {
    return new Promise((resolve, reject) => {
      const held = this.#locks.request(`${this.#folder}/${entry}`, { ifAvailable: true }, (lock) => {
        if (!lock) {
          resolve(undefined);
          return undefined;
        }
        return new Promise<void>((release) => {
          resolve(async () => {
            release();
            await held;
          });
        });
      });
      held.catch(reject);
    });
  }

  async room(): Promise<number | undefined> {
    const { quota, usage } = await this.#manager.estimate();
    return quota === undefined ? undefined : Math.max(0, quota - (usage ?? 0));
  }

  isFull(error: unknown): boolean {
    return isNamed(error, 'QuotaExceededError');
  }

  async #handle(entry: string, file: string): Promise<FileSystemFileHandle> {
    const folder = await this.#root.getDirectoryHandle(entry, { create: true });
    return folder.getFileHandle(file, { create: true });
  }

  async #file(entry: string, file: string): Promise<File | undefined> {
    try {
      return await (await (await this.#root.getDirectoryHandle(entry)).getFileHandle(file)).getFile();
    } catch (error) {
      if (isNamed(error, 'NotFoundError')) return undefined;
      throw error;
    }
  }
}

/** Only workers have these, and the types for pages do not. */
interface SyncHandle {
  write(bytes: Uint8Array, options: { at: number }): number;
  truncate(size: number): void;
  flush(): void;
  close(): void;
}

function hasSyncHandles(handle: object): handle is { createSyncAccessHandle(): Promise<SyncHandle> } {
  return 'createSyncAccessHandle' in handle;
}

async function workerWriter(handle: FileSystemFileHandle, position: number): Promise<Writer | undefined> {
  if (!hasSyncHandles(handle)) return undefined;
  const access = await handle.createSyncAccessHandle();
  access.truncate(position);
  let at = position;
  return {
    write: (bytes) => {
      for (let done = 0; done < bytes.length;) {
        const count = access.write(bytes.subarray(done), { at });
        // Some browsers write less where there is no room.
        if (count === 0) throw new DOMException('nothing was written', 'QuotaExceededError');
        done += count;
        at += count;
      }
    },
    close: () => {
      access.flush();
      access.close();
    },
  };
}

async function pageWriter(handle: FileSystemFileHandle, position: number): Promise<Writer> {
  const stream = await handle.createWritable({ keepExistingData: position > 0 });
  let at = position;
  return {
    write: async (bytes) => {
      await stream.write({ type: 'write', position: at, data: new Uint8Array(bytes) });
      at += bytes.length;
    },
    close: () => stream.close(),
  };
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof DOMException && error.name === name;
}
