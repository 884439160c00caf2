import { platform } from '#platform';
import { entryName } from '../cache/key.js';
import type { Storage } from '../cache/storage.js';
import type { Engine, Session } from '../engine/types.js';
import { ChordError, messageOf } from '../errors.js';

/** A session that is kept. */
export interface SavedSession {
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /** When it was saved. */
  readonly time: Date;
}

/** What is written beside the bytes, last: they are those of these files, one after the other. */
interface Description {
  readonly name: string;
  readonly size: number;
  readonly time: number;
  readonly files: readonly string[];
}

const descriptionFile = 'session.json';

export async function listSessions(folder: string | undefined): Promise<SavedSession[]> {
  const storage = await platform.openStorage(folder, 'sessions');
  if (!storage) return [];
  const all = await Promise.all((await storage.entries()).map((entry) => describe(storage, entry)));
  return all
    .filter((description) => description !== undefined)
    .map(({ name, size, time }) => ({ name, size, time: new Date(time) }));
}

export async function saveSession(name: string, session: Session, folder: string | undefined): Promise<void> {
  const storage = await platform.openStorage(folder, 'sessions');
  if (!storage) throw new ChordError('io', 'there is nowhere to keep sessions: use session.save() and keep the bytes');
  const saved = await session.save();
  await locked(storage, name, async (entry) => {
    const isThere = async (file: string): Promise<boolean> => (await storage.sizeOf(entry, file)) !== undefined;
    const before = (await describe(storage, entry))?.files ?? [];
    // Not over what is there; over what a page left that was closed while it wrote.
    const set = before[0]?.startsWith('a') ? 'b' : 'a';
    const files: string[] = [];
    try {
      for (let at = 0; at < saved.length; at += storage.segmentBytes) {
        files.push(`${set}.${files.length}`);
        const writer = await storage.writer(entry, files.at(-1) ?? '', 0);
        await writer.write(saved.subarray(at, at + storage.segmentBytes));
        await writer.close();
      }
      const description: Description = { name, size: saved.length, time: Date.now(), files };
      await storage.writeText(entry, descriptionFile, JSON.stringify(description));
    } catch (cause) {
      for (const file of files) await storage.remove(entry, file).catch(() => undefined);
      const [code, what] = storage.isFull(cause) ? (['quota', 'no room'] as const) : (['io', 'no way'] as const);
      const message = `${what} to keep the ${saved.length} bytes of the session ${name}: ${messageOf(cause)}`;
      throw new ChordError(code, message, { cause });
    }
    for (const file of before) await storage.remove(entry, file);
    for (let rest = files.length; await isThere(`${set}.${rest}`); ++rest)
      await storage.remove(entry, `${set}.${rest}`);
  });
}

export async function loadSession(
  name: string,
  engine: Engine,
  folder: string | undefined,
): Promise<Session | undefined> {
  const saved = await read(name, folder);
  return saved && engine.loadSession(saved);
}

async function read(name: string, folder: string | undefined): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const storage = await platform.openStorage(folder, 'sessions');
  const entry = entryName(name);
  const description = storage && (await describe(storage, entry));
  if (!description) return undefined;
  const source = await storage.open(entry, description.files);
  try {
    const saved = new Uint8Array(description.size);
    for (let done = 0; done < saved.length;) {
      const count = await source.read(done, saved.subarray(done));
      // The engine says what is wrong with one that is cut off.
      if (count === 0) return saved.subarray(0, done);
      done += count;
    }
    return saved;
  } finally {
    await source.close();
  }
}

export async function deleteSession(name: string, folder: string | undefined): Promise<boolean> {
  const storage = await platform.openStorage(folder, 'sessions');
  if (!storage || !(await storage.entries()).includes(entryName(name))) return false;
  await locked(storage, name, (entry) => storage.remove(entry));
  return true;
}

async function locked(storage: Storage, name: string, work: (entry: string) => Promise<void>): Promise<void> {
  const entry = entryName(name);
  const release = await storage.lock(entry);
  if (!release)
    throw new ChordError('busy', `the session ${name} is being written elsewhere: wait, or choose another name`);
  try {
    await work(entry);
  } finally {
    await release();
  }
}

/** undefined where there is none, or it is damaged. */
async function describe(storage: Storage, entry: string): Promise<Description | undefined> {
  const value = parse(await storage.readText(entry, descriptionFile));
  if (typeof value !== 'object' || value === null) return undefined;
  const { name, size, time, files }: Partial<Record<string, unknown>> = { ...value };
  if (typeof name !== 'string' || entryName(name) !== entry) return undefined;
  if (typeof size !== 'number' || typeof time !== 'number' || !Array.isArray(files)) return undefined;
  return { name, size, time, files: files.map(String) };
}

function parse(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
