import type { Storage } from '../cache/storage.js';
import type { Hasher } from '../download/sha256.js';
import type { Variant } from '../host/modules.js';
import type { EndWorker, WorkerStart } from '../host/worker.js';
import type { ByteSource } from '../sources/source.js';

/** What differs between Node and the web; the build puts one of them in the place of `#platform`. */
export interface Platform {
  /** Compiles the modules that lie in the folder `assets`, undefined: beside the script. */
  compileControl(assets?: string | URL): Promise<WebAssembly.Module>;
  compileKernels(variant: Variant, threaded: boolean, assets?: string | URL): Promise<WebAssembly.Module>;
  /** Compiles a module from somewhere else. */
  compileFrom(location: string | URL): Promise<WebAssembly.Module>;
  /** How many processors there are, or are said to be. */
  readonly processors: number;
  /** Whether threads can share memory here. */
  readonly sharesMemory: boolean;
  /** Whether this thread may sleep while others compute: not that of a page. */
  readonly maySleep: boolean;
  /** Starts a worker, which begins some time later; undefined where that is refused. `onLost`: it ended by itself. */
  startWorker(start: WorkerStart, onLost: () => void): EndWorker | undefined;
  /** Opens a file of this machine; undefined where `location` is not the path or the URL of one. */
  openPath(location: string | URL): Promise<ByteSource> | undefined;
  /** Opens the cache, or where sessions are kept, in the default folder if that is undefined; undefined where there can be none. */
  openStorage(folder: string | undefined, kind?: 'sessions'): Promise<Storage | undefined>;
  sha256(): Promise<Hasher>;
  /** What relative URLs are relative to. */
  readonly baseUrl: string | undefined;
  /** Whether `fetch` keeps the rules for pages: it follows redirects by itself, and hides headers of other origins. */
  readonly hasCors: boolean;
  /** Resolves in a task of its own, after whatever the event loop has waiting. */
  nextTask(): Promise<void>;
}
