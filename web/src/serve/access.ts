import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { HttpError } from './http_error.js';

export interface AccessOptions {
  /** Whether the server can be reached from this machine alone. */
  readonly loopback: boolean;
  /** The origins whose pages may ask; `*` for any. */
  readonly origins: readonly string[];
  /** What `Authorization: Bearer …` must have; undefined: nothing. */
  readonly apiKey?: string | undefined;
}

/** Who may ask what. */
export class Access {
  readonly #options: AccessOptions;
  readonly #key: Buffer | undefined;

  constructor(options: AccessOptions) {
    this.#options = options;
    this.#key = options.apiKey === undefined ? undefined : digest(options.apiKey);
  }

  /**
   * Throws where a server that only this machine can reach is asked by another name than this machine's: a page whose
   * name was made to mean this machine (DNS rebinding) would be of the server's own origin.
   */
  checkHost({ headers: { host = '' } }: IncomingMessage): void {
    if (!this.#options.loopback || isLoopback(host.replace(/:\d+$/, ''))) return;
    throw new HttpError(403, 'host_not_allowed', `the Host header is '${host}'; this server answers to localhost only`);
  }

  /** Lets pages of the origins that are allowed read the answer. True: it was the question whether they may ask. */
  answerOrigin({ method, headers }: IncomingMessage, response: ServerResponse): boolean {
    const { origin } = headers;
    const { origins } = this.#options;
    if (origins.length > 0) response.setHeader('vary', 'origin');
    if (origin === undefined || !origins.some((allowed) => allowed === '*' || allowed === origin)) return false;
    response.setHeader('access-control-allow-origin', origin);
    response.setHeader('access-control-expose-headers', 'retry-after, x-request-id');
    if (method !== 'OPTIONS' || headers['access-control-request-method'] === undefined) return false;
    response.setHeader('access-control-allow-methods', 'GET, POST');
    // Clients send headers of their own, which say who they are.
    response.setHeader('access-control-allow-headers', headers['access-control-request-headers'] ?? '*');
    response.setHeader('access-control-max-age', '600');
    response.writeHead(204).end();
    return true;
  }

  /** Throws where a key is asked for, and this is not it. */
  checkKey({ headers }: IncomingMessage): void {
    if (!this.#key) return;
    const [, given] = /^Bearer +(.*)$/i.exec(headers.authorization ?? '') ?? [];
    // Of equal lengths, so that neither the time it takes nor an exception tells anything.
    if (given !== undefined && timingSafeEqual(digest(given), this.#key)) return;
    const what = given === undefined ? 'there is no API key' : 'the API key is wrong';
    throw new HttpError(401, 'invalid_api_key', `${what}: send the one that the server was started with, as a bearer`, {
      headers: { 'www-authenticate': 'Bearer' },
    });
  }
}

/** Whether a name or address means this machine; IPv6 with or without brackets. */
export function isLoopback(host: string): boolean {
  return /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
