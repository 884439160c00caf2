import { mkdir, open, readFile, readdir, rename, rm, stat, statfs, utimes, writeFile } from 'node:fs/promises';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { ChordError, messageOf } from '../errors.js';
import { fileSource } from '../platform/file_source.js';
import type { Storage } from './storage.js';

/** The cache, or where sessions are kept, in a folder of the disk: an entry is a folder in it, and its bytes are one file. */
export async function openDisk(folder: string | undefined, kind?: 'sessions'): Promise<Storage | undefined> {
  try {
    const root = folder ?? (kind ? `${defaultFolder()}-${kind}` : defaultFolder());
    await mkdir(root, { recursive: true });
    return diskStorage(root);
  } catch (cause) {
    // A process that may not write anywhere still runs models.
    if (folder === undefined) return undefined;
    throw new ChordError('io', `the ${kind ?? 'cache'} cannot be in ${folder}: ${messageOf(cause)}`, { cause });
  }
}

function defaultFolder(): string {
  const { env, platform } = process;
  const own = env['WASM_CHORD_CACHE'];
  if (own !== undefined && own !== '') return own;
  if (platform === 'win32') {
    return join(env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'wasm-chord', 'cache');
  }
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'wasm-chord');
  return join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'wasm-chord');
}

function diskStorage(root: string): Storage {
  return {
    segmentBytes: Infinity,
    entries: async () => {
      const all = await readdir(root, { withFileTypes: true });
      return all.filter((each) => each.isDirectory()).map(({ name }) => name);
    },
    readText: (entry, file) => readFile(join(root, entry, file), 'utf8').catch(absent),
    writeText: async (entry, file, text) => {
      const path = join(root, entry, file);
      await mkdir(join(root, entry), { recursive: true });
      await writeFile(`${path}.new`, text);
      await rename(`${path}.new`, path);
    },
    sizeOf: async (entry, file) => (await stat(join(root, entry, file)).catch(absent))?.size,
    open: async (entry, files) => fileSource(join(root, entry, files[0] ?? '')),
    writer: async (entry, file, position) => {
      const handle = await open(join(root, entry, file), position === 0 ? 'w' : 'r+');
      let at = position;
      return {
        write: async (bytes) => {
          for (let done = 0; done < bytes.length;) {
            const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, at);
            done += bytesWritten;
            at += bytesWritten;
          }
        },
        close: async () => {
          await handle.sync().catch(() => undefined);
          await handle.close();
        },
      };
    },
    // The lock lies in the entry, and goes with it where it is released.
    remove: async (entry, file) => {
      if (file !== undefined) return rm(join(root, entry, file), { force: true });
      const files = await readdir(join(root, entry)).catch(absent);
      const others = (files ?? []).filter((name) => name !== lockFile);
      await Promise.all(others.map((name) => rm(join(root, entry, name), { force: true, recursive: true })));
    },
    lock: (entry) => lockFolder(join(root, entry)),
    room: async () => {
      const space = await statfs(root).catch(() => undefined);
      return space && space.bavail * space.bsize;
    },
    isFull: (error) => ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(codeOf(error) ?? ''),
  };
}

const lockFile = 'lock';
const refreshMs = 5_000;
const staleMs = 60_000;

/** A file that says who writes here, and is touched as long as that lives. */
async function lockFolder(folder: string): Promise<(() => Promise<void>) | undefined> {
  const path = join(folder, lockFile);
  await mkdir(folder, { recursive: true });
  const own = `${process.pid} ${hostname()} ${Math.random()}`;
  if (!(await create(path, own))) {
    if (!(await isStale(path))) return undefined;
    // Only one of several that see this moves it away.
    const aside = `${path}.${process.pid}`;
    if ((await rename(path, aside).catch(() => 'lost')) === 'lost') return undefined;
    await rm(aside, { force: true });
    if (!(await create(path, own))) return undefined;
  }
  const timer = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined);
  }, refreshMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await rm(path, { force: true });
    const left = await readdir(folder).catch(absent);
    if (left?.length === 0) await rm(folder, { force: true, recursive: true });
  };
}

async function create(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

async function isStale(path: string): Promise<boolean> {
  const [text, stats] = await Promise.all([readFile(path, 'utf8').catch(absent), stat(path).catch(absent)]);
  if (text === undefined || !stats) return false;
  if (Date.now() - stats.mtimeMs > staleMs) return true;
  const [pid, host] = text.split(' ');
  return host === hostname() && !isAlive(Number(pid));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}

function absent(error: unknown): undefined {
  if (!['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) throw error;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
