import { platform } from '#platform';
import { ChordError, messageOf, throwIfAborted } from '../errors.js';
import type { Fetch, FileOptions } from '../sources/options.js';
import { Body } from './body.js';
import { Transient } from './transient.js';

/** What tells one state of a file on a server from another, as far as the server says. */
export interface FileState {
  readonly size: number | undefined;
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
}

/** The file is not what it was at the last request. */
export class Changed extends ChordError {
  constructor(name: string) {
    super('integrity', `${name}: the file changed on the server while it was being read: load it again`);
  }
}

const mostRedirects = 10;

/** A file behind a URL: each call of `get` is one request, of the whole of it or of a range. */
export class Remote {
  /** The URL as it may be shown: without the query, which may hold a secret. */
  readonly name: string;
  readonly #url: URL;
  readonly #headers: Headers;
  readonly #fetch: Fetch;
  readonly #signal: AbortSignal;
  readonly #stallTimeout: number;
  /** Where the last request was redirected to, which need not be asked for again. */
  #redirected: URL | undefined;
  #state: FileState | undefined;
  /** Whether the server has Range; undefined where it does not tell. */
  ranges: boolean | undefined;
  /** The SHA-256 that the server names, as Hugging Face does. */
  linkedHash: string | undefined;

  constructor(url: URL, options: FileOptions, signal: AbortSignal, expected?: FileState) {
    this.#url = url;
    this.name = displayName(url);
    this.#headers = new Headers(options.headers);
    const { token } = options;
    if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) {
      throw new ChordError('invalid_argument', 'the token is empty, or has characters that no header can have');
    }
    if (token !== undefined) this.#headers.set('authorization', `Bearer ${token}`);
    this.#fetch = options.fetch ?? ((...request) => fetch(...request));
    this.#signal = signal;
    this.#stallTimeout = options.stallTimeout ?? 30_000;
    this.#state = expected;
  }

  /** What the first response said. */
  get state(): FileState {
    return this.#state ?? { size: undefined, etag: undefined, lastModified: undefined };
  }

  /**
   * The bytes from `from` on, to `to` or to the end. Throws `Transient` where a repetition may help, `Changed` where
   * the file is another one than before.
   */
  async get(from: number, to?: number): Promise<Body> {
    const response = await this.#request(from, to);
    const { status } = response;
    try {
      // At byte 0 it is the answer of an empty file.
      if (status === 416 && (from === 0 || from === this.#state?.size)) return this.#body(new Response(), 0);
      if (status === 416) throw new Changed(this.name);
      if (status === 206) return this.#partial(response, from, to);
      if (status === 200) return this.#whole(response, from, from > 0 || to !== undefined);
      throw this.#refusal(response);
    } catch (error) {
      response.body?.cancel().catch(() => undefined);
      throw error;
    }
  }

  #body(response: Response, skip: number): Body {
    return new Body(response, this.name, skip, this.#stallTimeout);
  }

  #partial(response: Response, from: number, to = Infinity): Body {
    // Where another origin's headers are hidden there is no telling, and the status has to do.
    const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '');
    if (range && Number(range[1]) !== from) {
      throw new ChordError('network', `${this.name}: the server sent byte ${range[1] ?? ''} on, not ${from}`);
    }
    // A length is not hidden, and less than was asked for means that the file ends there.
    const length = Number(response.headers.get('content-length') ?? Infinity);
    const end = from + length < to && length < Infinity ? from + length : undefined;
    this.#compare(response, range && range[2] !== '*' ? Number(range[2]) : end);
    this.ranges = true;
    return this.#body(response, 0);
  }

  #whole(response: Response, from: number, askedForRange: boolean): Body {
    const encoding = response.headers.get('content-encoding');
    const compressed = encoding !== null && encoding !== 'identity';
    const length = response.headers.get('content-length');
    // The length of a compressed transfer is not the file's, nor are its ranges.
    this.#compare(response, length === null || compressed ? undefined : Number(length));
    const accepts = response.headers.get('accept-ranges');
    this.ranges = askedForRange || compressed || accepts === 'none' ? false : accepts === 'bytes' ? true : undefined;
    return this.#body(response, from);
  }

  #compare(response: Response, size: number | undefined): void {
    const { headers } = response;
    const seen = {
      size,
      etag: headers.get('etag') ?? undefined,
      lastModified: headers.get('last-modified') ?? undefined,
    };
    const known = this.#state;
    this.#state ??= seen;
    if (!known) return;
    // An ETag says more than a date, which servers behind one address need not agree on.
    const differs =
      (size !== undefined && known.size !== undefined && size !== known.size) ||
      (seen.etag !== undefined && known.etag !== undefined
        ? strong(seen.etag) !== strong(known.etag)
        : seen.lastModified !== undefined &&
          known.lastModified !== undefined &&
          seen.lastModified !== known.lastModified);
    if (differs) throw new Changed(this.name);
  }

  #refusal(response: Response): Error {
    const { status, statusText } = response;
    const message = `${this.name}: HTTP status ${status} ${statusText}`.trimEnd();
    if (status === 408 || status === 425 || status === 429 || status >= 500) {
      return new Transient(message, retryAfter(response));
    }
    const advice =
      status === 401 || status === 403
        ? 'it takes a token (option `token`) that may read it'
        : 'check that the file is there';
    return new ChordError('network', `${message}: ${advice}`);
  }

  async #request(from: number, to: number | undefined): Promise<Response> {
    const headers = new Headers(this.#headers);
    const ranged = from > 0 || to !== undefined;
    if (ranged) headers.set('range', `bytes=${from}-${to === undefined ? '' : to - 1}`);
    // Across origins this header takes a permission that few servers give; `Changed` is found out without it, too.
    const validator = this.#state?.etag ?? this.#state?.lastModified ?? 'W/';
    if (from > 0 && !platform.hasCors && !validator.startsWith('W/')) headers.set('if-range', validator);
    // Chromium has requests of one URL wait for each other unless they pass by its cache.
    const init: RequestInit = { signal: this.#signal, ...(ranged && { cache: 'no-store' as const }) };

    const shortcut = this.#redirected;
    if (shortcut) {
      const response = await this.#send(shortcut, this.#headersFor(shortcut, headers), init);
      if (response.ok || response.status === 416 || response.status >= 500) return response;
      // Such addresses are signed for a while only.
      response.body?.cancel().catch(() => undefined);
      this.#redirected = undefined;
    }
    return this.#follow(headers, init);
  }

  // Redirects are followed here where the engine lets us see them, so that what is meant for one origin stays there.
  async #follow(headers: Headers, init: RequestInit): Promise<Response> {
    let url = this.#url;
    for (let hop = 0; hop < mostRedirects; ++hop) {
      const manual = platform.hasCors ? init : { ...init, redirect: 'manual' as const };
      const response = await this.#send(url, this.#headersFor(url, headers), manual);
      this.linkedHash ??= sha256In(response.headers.get('x-linked-etag'));
      const location = response.headers.get('location');
      if (response.status < 300 || response.status >= 400 || location === null) {
        const last = response.redirected && response.url ? new URL(response.url) : url;
        if (last.href !== this.#url.href) this.#redirected = last;
        return response;
      }
      response.body?.cancel().catch(() => undefined);
      url = new URL(location, url);
    }
    throw new ChordError('network', `${this.name}: more than ${mostRedirects} redirects`);
  }

  #headersFor(url: URL, headers: Headers): Headers {
    if (url.origin === this.#url.origin) return headers;
    const kept = new Headers();
    for (const name of ['range', 'if-range']) {
      const value = headers.get(name);
      if (value !== null) kept.set(name, value);
    }
    return kept;
  }

  async #send(url: URL, headers: Headers, init: RequestInit): Promise<Response> {
    try {
      return await this.#fetch(url.href, { ...init, headers });
    } catch (cause) {
      throwIfAborted(this.#signal);
      throw new Transient(`${this.name}: ${messageOf(cause)}${detail(cause)}`, undefined, { cause });
    }
  }
}

// Node says "fetch failed" and keeps the reason for itself.
function detail(error: unknown): string {
  return error instanceof Error && error.cause !== undefined ? ` (${messageOf(error.cause)})` : '';
}

function displayName(url: URL): string {
  return url.protocol === 'data:' ? 'data:' : `${url.protocol}//${url.host}${url.pathname}`;
}

function strong(etag: string): string {
  return etag.replace(/^W\//, '');
}

function retryAfter(response: Response): number | undefined {
  const value = response.headers.get('retry-after');
  if (value === null) return undefined;
  const milliseconds = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(milliseconds) ? undefined : Math.max(0, milliseconds);
}

function sha256In(etag: string | null): string | undefined {
  return /^"?([0-9a-f]{64})"?$/.exec(etag ?? '')?.[1];
}
