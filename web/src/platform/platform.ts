import type { ByteSource } from '../sources/source.js';

/** What differs between Node and the web; the build puts one of them in the place of `#platform`. */
export interface Platform {
  /** Compiles the modules that lie beside the script. */
  compileControl(): Promise<WebAssembly.Module>;
  compileKernels(): Promise<WebAssembly.Module>;
  /** Compiles a module from somewhere else. */
  compileFrom(location: string | URL): Promise<WebAssembly.Module>;
  /** Opens a URL or a path. */
  openLocation(location: string | URL, signal: AbortSignal | undefined): Promise<ByteSource>;
  /** Resolves in a task of its own, after whatever the event loop has waiting. */
  nextTask(): Promise<void>;
}
