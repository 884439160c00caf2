import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { ChordError, messageOf } from '../errors.js';
import type { ByteSource } from '../sources/source.js';

/** A file of this machine. */
export async function fileSource(path: string): Promise<ByteSource> {
  try {
    const file = await open(path);
    const { size } = await file.stat();
    return {
      name: basename(path),
      size,
      read: async (offset, target) => (await file.read(target, 0, target.length, offset)).bytesRead,
      close: () => file.close(),
    };
  } catch (cause) {
    throw new ChordError('io', messageOf(cause), { cause });
  }
}
