// Parameters that say who asks, or until when, and not for what.
const secret = /token|secret|signature|credential|password|api[-_]?key|^sig$|^expires$|^x-(amz|goog)-/i;

/** What names a file in the cache: its URL without what could be a secret. */
export function cacheKey(location: string | URL): string {
  const url = new URL(location);
  url.username = '';
  url.password = '';
  url.hash = '';
  for (const name of [...url.searchParams.keys()]) if (secret.test(name)) url.searchParams.delete(name);
  return url.href;
}

/** The folder of a key: readable, and another for each key but for a chance that the entry's own text excludes. */
export function entryName(key: string): string {
  const name = key.replace(/[?#].*$/, '').replace(/^.*\//, '');
  const readable = name.replace(/[^\w.-]+/g, '_').slice(-60) || 'model';
  return `${readable}-${hash(key, 0x811c9dc5)}${hash(key, 0x01000193)}`;
}

// FNV-1a of the UTF-16 units.
function hash(text: string, seed: number): string {
  let value = seed;
  for (let i = 0; i < text.length; ++i) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return (value >>> 0).toString(16).padStart(8, '0');
}
