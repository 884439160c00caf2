import { readFile, readdir } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isRecord } from '../chat/messages.js';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/** A page's files by their path on the server: "/index.html", and "/" for the same. */
export type PageFiles = ReadonlyMap<string, URL>;

/**
 * The files of the chat page in a folder of the package; none where it is not there. Its `elsewhere.json` says which
 * of them lie where else in the package.
 */
export async function pageFiles(folder: URL): Promise<PageFiles> {
  const files = new Map<string, URL>();
  const names = await readdir(fileURLToPath(folder), { recursive: true }).catch(() => []);
  for (const name of names.map((name) => name.replaceAll('\\', '/'))) {
    if (extname(name) in types) files.set(`/${name}`, new URL(name, folder));
  }
  const index = files.get('/index.html');
  if (!index) return new Map();
  files.set('/', index);
  const elsewhere: unknown = JSON.parse(await readFile(new URL('elsewhere.json', folder), 'utf8'));
  if (!isRecord(elsewhere)) return files;
  for (const [name, place] of Object.entries(elsewhere)) files.set(`/${name}`, new URL(String(place), folder));
  return files;
}

// Where the page finds the server's API.
const meta = '<meta name="wasm-chord-server" content="v1/" />';

/** Sends a file of the page, isolated, so that several threads can compute. */
export async function sendPageFile(response: ServerResponse, file: URL): Promise<void> {
  const type = extname(file.pathname);
  const kept = await readFile(file);
  const bytes = type === '.html' ? Buffer.from(kept.toString().replace('<head>', `<head>${meta}`)) : kept;
  response.writeHead(200, {
    'content-type': types[type],
    'content-length': bytes.length,
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
    'cross-origin-resource-policy': 'same-origin',
  });
  response.end(bytes);
}
