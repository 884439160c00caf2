import { bundled } from './bundled.js';
import { announce, button, element, iconButton, make } from '../ui/dom.js';
import * as format from '../ui/format.js';
import type { Choice } from './choice.js';
import type { CacheEntry } from 'wasm-chord';

const view = {
  kept: element('kept', HTMLElement),
  total: element('kept-total', HTMLElement),
  list: element('kept-list', HTMLUListElement),
  tinySize: element('tiny-size', HTMLElement),
};

/** Lists the downloads that are on this device, to load and to delete. */
export async function showKept(onLoad: (choice: Choice) => void): Promise<void> {
  const { cache } = await import('wasm-chord');
  const entries = await cache.list();
  const isBundled = ({ key }: CacheEntry): boolean => key === bundled.url;
  if (entries.some((entry) => isBundled(entry) && entry.complete)) view.tinySize.textContent = 'no download';
  const others = entries.filter((entry) => !isBundled(entry)).sort((a, b) => Number(b.time) - Number(a.time));
  view.kept.hidden = others.length === 0;
  const total = others.reduce((sum, { stored }) => sum + stored, 0);
  view.total.textContent = `${format.bytes(total)} in all. A model that is complete needs no network.`;
  view.list.replaceChildren(...others.map((entry) => rowOf(entry, onLoad)));
}

function rowOf(entry: CacheEntry, onLoad: (choice: Choice) => void): HTMLLIElement {
  const name = nameOf(entry.key);
  const { stored, size, complete } = entry;
  const far =
    complete || size === undefined ? format.bytes(stored) : `${format.bytes(stored)} of ${format.bytes(size)}`;
  const load = button(complete ? 'Load' : 'Go on', () => {
    onLoad({ name, source: entry.key, from: 'known' });
  });
  load.setAttribute('aria-label', `${complete ? 'Load' : 'Go on with'} ${name}`);
  const remove = iconButton('trash', `Delete ${name}`, () => {
    void forget(entry, name, onLoad);
  });
  return make('li', '', make('p', '', name, make('small', '', far)), load, remove);
}

async function forget({ key }: CacheEntry, name: string, onLoad: (choice: Choice) => void): Promise<void> {
  const { cache } = await import('wasm-chord');
  try {
    await cache.delete(key);
    announce(`${name} was deleted`);
  } catch {
    announce(`${name} is being downloaded in another tab, and stays`);
  }
  await showKept(onLoad);
  (view.list.querySelector('button') ?? element('choose-file', HTMLButtonElement)).focus();
}

function nameOf(key: string): string {
  const path = URL.canParse(key) ? new URL(key).pathname : key;
  return (path.split('/').at(-1) ?? key).replace(/\.gguf$/i, '');
}
