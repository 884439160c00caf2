import { cache as downloads } from 'wasm-chord';
import { megabytes } from './progress.js';
import { UsageError, parse } from './usage.js';

export const cacheUsage = `usage: wasm-chord cache list|size|delete URL ...|clear [--folder DIR]

The models that were downloaded: lists them, prints their size in bytes, forgets some or all of them. Downloads that
were cut off are among them; the next load goes on with them.

  --folder DIR       another cache than the default one
`;

export async function cache(args: readonly string[]): Promise<void> {
  const { values, positionals } = parse({
    args: [...args],
    allowPositionals: true,
    options: { folder: { type: 'string' } },
  });
  const [action, ...urls] = positionals;
  const act = actions[action ?? ''];
  if (!act || (action === 'delete') !== urls.length > 0) {
    throw new UsageError('usage: wasm-chord cache list|size|delete URL ...|clear [--folder DIR]');
  }
  process.stdout.write(await act(values.folder, urls));
}

type Action = (folder: string | undefined, urls: readonly string[]) => Promise<string>;

const actions: Readonly<Record<string, Action>> = {
  list: async (folder) => {
    const entries = await downloads.list(folder);
    const lines = entries.map(({ key, stored, size, complete }) => {
      const rest = size === undefined ? '' : ` of ${megabytes(size)}`;
      return `${key}  ${megabytes(stored)}${complete ? '' : `${rest}, not complete`}\n`;
    });
    return lines.join('');
  },
  size: async (folder) => `${await downloads.size(folder)}\n`,
  delete: async (folder, urls) => {
    for (const url of urls) {
      if (!(await downloads.delete(url, folder)))
        throw new Error(`${url} is not in the cache; \`cache list\` shows what is`);
    }
    return '';
  },
  clear: async (folder) => {
    for (const { key } of await downloads.list(folder)) await downloads.delete(key, folder);
    return '';
  },
};
