import type { Claim } from '../cache/entry.js';
import { ChordError, throwIfAborted } from '../errors.js';
import type { FileOptions } from '../sources/options.js';
import type { ByteSource } from '../sources/source.js';
import type { Body } from './body.js';
import { Download } from './chunks.js';
import type { Chunks } from './chunks.js';
import { Intake } from './intake.js';
import { Changed, Remote } from './remote.js';
import { Stored } from './stored.js';
import { Retry, Transient } from './transient.js';

const nothing = new Uint8Array(0);

/** The last part of a URL's path. */
export function fileName(url: string): string {
  return url.replace(/[?#].*$/, '').replace(/^.*\//, '');
}

/** A file behind a URL, read forwards while it is being downloaded. */
export class UrlSource implements ByteSource {
  readonly name: string;
  readonly #remote: Remote;
  readonly #options: FileOptions;
  readonly #life: Life;
  readonly #intake: Intake;
  readonly #chunks: Chunks;
  #chunk: Uint8Array = nothing;
  /** Where in the file the next byte is. */
  #position = 0;

  private constructor(remote: Remote, options: FileOptions, life: Life, intake: Intake, chunks: Chunks) {
    this.name = fileName(remote.name);
    this.#remote = remote;
    this.#options = options;
    this.#life = life;
    this.#intake = intake;
    this.#chunks = chunks;
  }

  /** `claim`: where in the cache the bytes go; what is there already is not fetched again. */
  static async open(url: URL, options: FileOptions, claim?: Claim): Promise<UrlSource> {
    const life = new Life(options.signal);
    try {
      const { remote, body } = await connect(url, options, life.signal, claim);
      const from = claim?.length ?? 0;
      const intake = await Intake.begin(remote, claim, options).catch((error: unknown) => {
        body.cancel();
        throw error;
      });
      const end = remote.ranges === true ? firstEnd(options, from) : undefined;
      const download = new Download(remote, options, life.signal, from, body, end);
      const chunks = claim && from > 0 ? new Stored(await claim.read(), from, download) : download;
      return new UrlSource(remote, options, life, intake, chunks);
    } catch (error) {
      life.end();
      throw error;
    }
  }

  get size(): number | undefined {
    return this.#remote.state.size;
  }

  async read(offset: number, target: Uint8Array): Promise<number> {
    if (offset < this.#position) {
      throw new ChordError('source_consumed', `${this.#remote.name}: its bytes pass once, and byte ${offset} has`);
    }
    while (this.#chunk.length === 0 || this.#position < offset) {
      this.#advance(Math.min(this.#chunk.length, offset - this.#position));
      if (this.#chunk.length === 0 && !(await this.#fetch())) return 0;
    }
    const length = Math.min(this.#chunk.length, target.length);
    target.set(this.#chunk.subarray(0, length));
    this.#advance(length);
    return length;
  }

  pause(): void {
    this.#chunk = this.#chunk.slice();
    this.#chunks.pause();
  }

  async finish(): Promise<void> {
    while (await this.#fetch());
  }

  async close(): Promise<void> {
    this.#chunk = nothing;
    this.#life.end();
    await this.#chunks.close();
    await this.#intake.close();
  }

  #advance(length: number): void {
    this.#position += length;
    this.#chunk = this.#chunk.subarray(length);
  }

  async #fetch(): Promise<boolean> {
    throwIfAborted(this.#options.signal);
    const chunk = await this.#chunks.next();
    throwIfAborted(this.#options.signal);
    this.#chunk = chunk ?? nothing;
    await (chunk ? this.#intake.take(chunk) : this.#intake.end());
    return chunk !== undefined;
  }
}

/** Lasts until the caller's signal is aborted, or `end` is called. */
class Life {
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal | undefined;
  readonly #abort = (): void => {
    this.#controller.abort(this.#outer?.reason);
  };

  constructor(outer: AbortSignal | undefined) {
    this.#outer = outer;
    throwIfAborted(outer);
    outer?.addEventListener('abort', this.#abort);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  end(): void {
    this.#outer?.removeEventListener('abort', this.#abort);
    this.#controller.abort();
  }
}

/** The first request: for what the cache does not have, if the file is still the same, else for all of it. */
async function connect(
  url: URL,
  options: FileOptions,
  signal: AbortSignal,
  claim: Claim | undefined,
): Promise<{ remote: Remote; body: Body }> {
  const before = await claim?.resume();
  // A beginning and an end of two different files would only be told apart by a hash.
  const isKnown = before?.etag !== undefined || before?.lastModified !== undefined || options.sha256 !== undefined;
  if (claim && before && isKnown) {
    const remote = new Remote(url, options, signal, before);
    try {
      return { remote, body: await firstBody(remote, options, signal, claim.length) };
    } catch (error) {
      if (!(error instanceof Changed)) throw error;
    }
  }
  if (before) await claim?.reset();
  const remote = new Remote(url, options, signal);
  return { remote, body: await firstBody(remote, options, signal, 0) };
}

/** A server that cannot be reached at all is not asked for long. */
async function firstBody(remote: Remote, options: FileOptions, signal: AbortSignal, from: number): Promise<Body> {
  const { retries = 4, retryDelay = 500 } = options;
  const retry = new Retry({ retries, retryDelay }, signal);
  for (;;) {
    try {
      return await remote.get(from, firstEnd(options, from));
    } catch (error) {
      await retry.after(error, error instanceof Transient && error.cause !== undefined ? 1 : retries);
    }
  }
}

function firstEnd({ firstBytes, requestBytes }: FileOptions, from: number): number | undefined {
  const most = firstBytes ?? requestBytes;
  return most === undefined ? undefined : from + most;
}
