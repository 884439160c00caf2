import { ChordError, throwIfAborted } from '../errors.js';
import type { SourceOptions } from '../sources/options.js';
import type { ByteSource } from '../sources/source.js';
import type { Body } from './body.js';
import { Download } from './chunks.js';
import type { Chunks } from './chunks.js';
import { Remote } from './remote.js';
import { Retry, Transient } from './transient.js';

const nothing = new Uint8Array(0);

/** A file behind a URL, read forwards while it is being downloaded. */
export class UrlSource implements ByteSource {
  readonly name: string;
  readonly #remote: Remote;
  readonly #options: SourceOptions;
  readonly #life: Life;
  #chunks: Chunks | undefined;
  #chunk: Uint8Array = nothing;
  /** Where in the file the next byte is. */
  #position = 0;

  private constructor(remote: Remote, options: SourceOptions, life: Life, body: Body) {
    this.name = remote.name.slice(remote.name.lastIndexOf('/') + 1);
    this.#remote = remote;
    this.#options = options;
    this.#life = life;
    this.#chunks = new Download(remote, options, life.signal, 0, body);
  }

  static async open(url: URL, options: SourceOptions): Promise<UrlSource> {
    const life = new Life(options.signal);
    try {
      const remote = new Remote(url, options, life.signal);
      return new UrlSource(remote, options, life, await firstBody(remote, options, life.signal));
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

  close(): void {
    this.#chunk = nothing;
    void this.#chunks?.close();
    this.#life.end();
  }

  #advance(length: number): void {
    this.#position += length;
    this.#chunk = this.#chunk.subarray(length);
  }

  async #fetch(): Promise<boolean> {
    throwIfAborted(this.#options.signal);
    const chunk = await this.#chunks?.next();
    throwIfAborted(this.#options.signal);
    this.#chunk = chunk ?? nothing;
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

/** The answer to the first request. A server that cannot be reached at all is not asked for long. */
async function firstBody(remote: Remote, options: SourceOptions, signal: AbortSignal): Promise<Body> {
  const { retries = 4, retryDelay = 500 } = options;
  const retry = new Retry({ retries, retryDelay }, signal);
  for (;;) {
    try {
      return await remote.get(0);
    } catch (error) {
      await retry.after(error, error instanceof Transient && error.cause !== undefined ? 1 : retries);
    }
  }
}
