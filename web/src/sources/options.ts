/** `fetch`, or what does its work. */
export type Fetch = (url: string | URL, init: RequestInit) => Promise<Response>;

/** How far the reading of a model has come. */
export interface DownloadProgress {
  /** The name of the file that is being read. */
  readonly file: string;
  /** Which of the model's files that is, from 0, and how many it has. */
  readonly fileIndex: number;
  readonly fileCount: number;
  /** Bytes read so far, of all files together. */
  readonly loaded: number;
  /** What they will come to; undefined while a server does not tell. */
  readonly total: number | undefined;
  /** Over the last two seconds. */
  readonly bytesPerSecond: number;
  /** What the rest takes at that rate; undefined while nothing comes, or the total is not known. */
  readonly secondsLeft: number | undefined;
  /** Milliseconds since the last byte, once that is more than two seconds, and said again each second; else 0. */
  readonly stalledMs: number;
  /** Whether the file comes from the cache. */
  readonly fromCache: boolean;
}

/** How a model's files are read. All but `signal` and `onProgress` are about what lies behind a URL. */
export interface SourceOptions {
  /** Aborting it stops all requests at once, and rejects with `cancelled`. What is in the cache by then stays there. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  /** Sent to the URL's own origin, and not where it redirects to as far as the engine leaves that to us. */
  readonly headers?: HeadersInit | undefined;
  /** Sent as `Authorization: Bearer …`, as `headers` are. */
  readonly token?: string | undefined;
  /** Takes the place of the global `fetch`. */
  readonly fetch?: Fetch | undefined;
  /** How often in a row a request may fail for a reason that can pass. Default: 4. */
  readonly retries?: number | undefined;
  /** Milliseconds before the first repetition; they double with each, give or take a half. Default: 500. */
  readonly retryDelay?: number | undefined;
  /** Milliseconds without a byte after which a request counts as failed. Default: 30000. */
  readonly stallTimeout?: number | undefined;
  /** How many ranges of a file, of 6 MB each, are fetched at a time where one connection is slow. Default: 4. */
  readonly connections?: number | undefined;
  /**
   * `true`: the file is taken from the cache if it is there, and else written to it on the way; where a browser has no
   * storage, it is not. `'optional'`: the same, and where the cache has no room the model is loaded without it.
   */
  readonly cache?: boolean | 'optional' | undefined;
  /** The folder of the cache: a path in Node, Bun and Deno, a name in browsers. */
  readonly cacheFolder?: string | undefined;
  /** The file's SHA-256, as 64 hexadecimal digits, or those of a split model's files. Another is the error `integrity`. */
  readonly sha256?: string | readonly string[] | undefined;
  /** Hash a file that comes from the cache before it is used, where its SHA-256 is known. Default: look at its size. */
  readonly verify?: boolean | undefined;
}

/** How one file is read. */
export interface FileOptions extends Omit<SourceOptions, 'sha256' | 'onProgress'> {
  readonly sha256?: string | undefined;
  /** Asked for the SHA-256 when a download begins for which none is known. */
  readonly findHash?: (() => Promise<string | undefined>) | undefined;
  /** The first request is for no more than this. */
  readonly firstBytes?: number | undefined;
  /** No request is for more than this. */
  readonly requestBytes?: number | undefined;
}
