import { ChordError, messageOf, throwIfAborted } from '../errors.js';
import type { ByteSource } from './source.js';

export type Fetch = (url: string | URL, init: RequestInit) => Promise<Response>;

/**
 * A file behind a URL, read by one plain GET from front to back. Reading again what has passed takes a server with
 * Range; without it that is `source_consumed`.
 */
export async function urlSource(
  url: string | URL,
  signal: AbortSignal | undefined,
  fetch: Fetch = globalThis.fetch,
): Promise<ByteSource> {
  const request = async (headers: Record<string, string>): Promise<Response> => {
    const response = await fetch(url, { headers, ...(signal && { signal }) }).catch((cause: unknown) => {
      throwIfAborted(signal);
      throw new ChordError('io', `${String(url)}: ${messageOf(cause)}`, { cause });
    });
    if (response.ok) return response;
    await response.body?.cancel();
    throw new ChordError('io', `${String(url)}: HTTP status ${response.status} ${response.statusText}`.trimEnd());
  };
  const first = await request({});
  const ranges = first.headers.get('accept-ranges') === 'bytes';
  let stream = new ForwardStream(first, 0);

  return {
    size: sizeOf(first),
    read: async (offset, target) => {
      if (offset < stream.position) {
        if (!ranges) {
          throw new ChordError('source_consumed', `${String(url)}: the server has no Range, so its bytes pass once`);
        }
        await stream.close();
        const response = await request({ range: `bytes=${offset}-` });
        if (response.status !== 206) {
          await response.body?.cancel();
          throw new ChordError('io', `${String(url)}: the server ignored Range: status ${response.status}`);
        }
        stream = new ForwardStream(response, offset);
      }
      return stream.read(offset, target);
    },
    close: () => stream.close(),
  };
}

// The length of a compressed transfer is not the file's.
function sizeOf(response: Response): number | undefined {
  const encoding = response.headers.get('content-encoding');
  const length = response.headers.get('content-length');
  return length === null || (encoding !== null && encoding !== 'identity') ? undefined : Number(length);
}

// Large enough that a call for each costs nothing beside the copying.
const pieceBytes = 2 ** 18;

/**
 * Calls of it resolve to the next bytes, which are valid until the next call; undefined at the end. Where the engine
 * can it reads into one buffer again and again: pieces that it allocates for each read are garbage that a collection
 * comes too late for, 150 MB of them in Chromium.
 */
function piecesOf(body: ReadableStream<Uint8Array>): {
  next(): Promise<Uint8Array | undefined>;
  cancel(): Promise<void>;
} {
  const bytes = byteReader(body);
  if (!bytes) {
    const reader = body.getReader();
    return { next: async () => (await reader.read()).value, cancel: () => reader.cancel() };
  }
  let buffer = new ArrayBuffer(pieceBytes);
  return {
    next: async () => {
      const { value, done } = await bytes.read(new Uint8Array(buffer));
      if (value) buffer = value.buffer;
      return done ? undefined : value;
    },
    cancel: () => bytes.cancel(),
  };
}

function byteReader(body: ReadableStream<Uint8Array>): ReadableStreamBYOBReader | undefined {
  try {
    return body.getReader({ mode: 'byob' });
  } catch {
    return undefined;
  }
}

const nothing = new Uint8Array(0);

class ForwardStream {
  readonly #pieces: ReturnType<typeof piecesOf> | undefined;
  #chunk: Uint8Array = nothing;
  /** Where in the file the next byte is. */
  position: number;

  constructor(response: Response, position: number) {
    this.#pieces = response.body ? piecesOf(response.body) : undefined;
    this.position = position;
  }

  async read(offset: number, target: Uint8Array): Promise<number> {
    while (this.#chunk.length === 0 || this.position < offset) {
      const skipped = Math.min(this.#chunk.length, offset - this.position);
      this.#advance(skipped);
      if (this.#chunk.length > 0) continue;
      // Reading takes the last one's buffer away.
      this.#chunk = nothing;
      const next = await this.#pieces?.next();
      if (!next) return 0;
      this.#chunk = next;
    }
    const length = Math.min(this.#chunk.length, target.length);
    target.set(this.#chunk.subarray(0, length));
    this.#advance(length);
    return length;
  }

  async close(): Promise<void> {
    await this.#pieces?.cancel();
  }

  #advance(length: number): void {
    this.position += length;
    this.#chunk = this.#chunk.subarray(length);
  }
}
