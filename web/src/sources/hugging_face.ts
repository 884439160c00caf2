import { ChordError } from '../errors.js';
import type { FileOptions } from './options.js';
import type { ByteSource, HuggingFaceSource } from './source.js';
import { openUrl } from './url.js';

/** Opens a file of a repository; its SHA-256 is asked for where the download does not tell. */
export function openRepository(source: HuggingFaceSource, options: FileOptions): Promise<ByteSource> {
  const { repo, file, revision = 'main', endpoint = 'https://huggingface.co' } = source;
  if (!/^[\w.-]+(\/[\w.-]+)?$/.test(repo) || file === '' || file.split('/').includes('..')) {
    throw new ChordError(
      'invalid_argument',
      `repo is '${repo}' and file '${file}'; they are "owner/name", and a path in that repository`,
    );
  }
  const base = String(endpoint).replace(/\/+$/, '');
  const version = encodeURIComponent(revision);
  const path = file.split('/').map(encodeURIComponent).join('/');
  const url = `${base}/${repo}/resolve/${version}/${path}`;
  const findHash = (): Promise<string | undefined> =>
    hashOf(`${base}/api/models/${repo}/paths-info/${version}`, file, options);
  return openUrl(url, { ...options, findHash });
}

// Redirects to where the bytes are hide the header with the hash from pages, so the interface for programs is asked.
async function hashOf(url: string, file: string, options: FileOptions): Promise<string | undefined> {
  const headers = new Headers(options.headers);
  headers.set('content-type', 'application/json');
  if (options.token !== undefined) headers.set('authorization', `Bearer ${options.token}`);
  try {
    const response = await (options.fetch ?? fetch)(url, {
      method: 'POST',
      headers,
      body: JSON.stringify({ paths: [file] }),
      ...(options.signal && { signal: options.signal }),
    });
    const answer: unknown = response.ok ? await response.json() : undefined;
    return Array.isArray(answer) ? sha256In(answer[0]) : undefined;
  } catch {
    // A model is not worse for a hash that nobody tells.
    return undefined;
  }
}

// A file in large storage has the SHA-256 of its bytes for a name there.
function sha256In(entry: unknown): string | undefined {
  const stored = typeof entry === 'object' && entry !== null && 'lfs' in entry ? entry.lfs : undefined;
  const hash = typeof stored === 'object' && stored !== null && 'oid' in stored ? stored.oid : undefined;
  return typeof hash === 'string' && /^[0-9a-f]{64}$/.test(hash) ? hash : undefined;
}
