import type { ModelSource } from 'wasm-chord';
import { device, readStored, store, visit } from '../ui/stored.js';
import { textIn } from '../ui/values.js';

/** A model that was chosen, and can be loaded again. */
export interface Choice {
  readonly name: string;
  readonly source: ModelSource;
  /**
   * `known`: the bundled one, or one that is kept on the device; `web`: one that is yet to be downloaded; `server`: it
   * stays on the server, whose API is the source.
   */
  readonly from: 'known' | 'file' | 'web' | 'server';
  /** Who asks for it, for as long as the page is open: it is stored nowhere. */
  readonly token?: string | undefined;
}

const notedKey = 'wasm-chord page: chosen';
const lastKey = 'wasm-chord page: last model';
const addressKey = 'wasm-chord page: address';

/** For the page after a reload; undefined forgets it. Only what is known can be noted. */
export function noteChoice(choice: Choice | undefined): void {
  store(visit, notedKey, choice?.from === 'known' ? toStored(choice) : undefined);
}

export function notedChoice(): Choice | undefined {
  return fromStored(readStored(visit, notedKey));
}

/** The model that answers at the next visit, unless another is chosen. A file of the user's is not there then. */
export function keepLast({ name, source, from }: Choice): void {
  // There it is what is taken where nothing else was chosen.
  if (from === 'server') {
    store(device, lastKey, undefined);
    return;
  }
  const address = addressOf(source);
  // A query may have a secret in it; the addresses of what is kept have none.
  if (address !== undefined && (from === 'known' || !address.includes('?'))) {
    store(device, lastKey, { name, source: address });
  }
}

function addressOf(source: ModelSource): string | undefined {
  if (typeof source === 'string') return source;
  if (!('repo' in source)) return undefined;
  const { repo, file, revision = 'main' } = source;
  const path = file.split('/').map(encodeURIComponent).join('/');
  return `https://huggingface.co/${repo}/resolve/${encodeURIComponent(revision)}/${path}`;
}

export function lastChoice(): Choice | undefined {
  return fromStored(readStored(device, lastKey));
}

function toStored({ name, source }: Choice): unknown {
  return typeof source === 'string' ? { name, source } : undefined;
}

function fromStored(value: unknown): Choice | undefined {
  const name = textIn(value, 'name');
  const source = textIn(value, 'source');
  return name === undefined || source === undefined ? undefined : { name, source, from: 'known' };
}

export function storedAddress(): string {
  return textIn(readStored(device, addressKey), 'text') ?? '';
}

/** Without its query, which may have a secret in it. */
export function keepAddress(text: string): void {
  store(device, addressKey, { text: text.replace(/[?#].*$/, '') });
}
