import { platform } from '#platform';
import { openRemote } from '../download/open_url.js';
import { ChordError } from '../errors.js';
import type { FileOptions } from './options.js';
import type { ByteSource } from './source.js';

const schemes = ['http:', 'https:', 'blob:', 'data:'];

/** Opens what lies behind a URL, which in a page may be relative. */
export async function openUrl(location: string | URL, options: FileOptions): Promise<ByteSource> {
  const url = URL.canParse(String(location), platform.baseUrl) ? new URL(location, platform.baseUrl) : undefined;
  if (!url || (!options.fetch && !schemes.includes(url.protocol))) {
    const allowed = 'a URL begins with http:, https:, blob: or data:';
    throw new ChordError('invalid_argument', `${String(location)}: ${allowed}`);
  }
  return openRemote(url, options);
}
