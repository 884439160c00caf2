// What script the built page in demo/dist has, apart from the engine: `npm run page` makes it.
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { webRoot } from './builds.mjs';

const folder = `${webRoot}demo/dist/assets/`;

// A script and what it imports at once.
function withImports(name, files = new Set()) {
  if (files.has(name)) return files;
  files.add(name);
  for (const [, file] of readFileSync(folder + name, 'utf8').matchAll(
    /(?:from|import)\s*["'`]\.\/([\w.-]+\.js)["'`]/g,
  )) {
    withImports(file, files);
  }
  return files;
}

/** In bytes, uncompressed: what a visit loads before a model, and what the first answer and the first code add. */
export function pageScripts() {
  if (!existsSync(folder)) throw new Error('the page is not built: ./dev build page');
  const scripts = readdirSync(folder).filter((file) => file.endsWith('.js'));
  const bytes = (files) => [...files].reduce((sum, file) => sum + statSync(folder + file).size, 0);
  const first = withImports(scripts.find((file) => /^page-/.test(file)));
  const later = new Set();
  for (const file of scripts.filter((file) => /^(view|highlight)-/.test(file))) withImports(file, later);
  return { first: bytes(first), later: bytes([...later].filter((file) => !first.has(file))) };
}
