import { platform } from '#platform';
import { ChordError, messageOf } from './errors.js';
import { requireSimd } from './host/modules.js';
import type { Modules } from './host/modules.js';

/** A wasm module: compiled, as bytes, or where it is. */
export type ModuleSource = WebAssembly.Module | ArrayBuffer | Uint8Array<ArrayBuffer> | string | URL;

/** Where the modules are, if not beside the script. */
export interface InitOptions {
  /** `chord.wasm` */
  readonly control?: ModuleSource;
  /** `kernels-simd128.wasm` */
  readonly kernels?: ModuleSource;
}

let pending: Promise<void> | undefined;
let modules: Modules | undefined;

/**
 * Fetches and compiles the two wasm modules. Once it has succeeded, further calls do nothing, whatever their
 * options; after a failure it may be tried again.
 */
export default function init(options: InitOptions = {}): Promise<void> {
  pending ??= compileAll(options).catch((error: unknown) => {
    pending = undefined;
    throw error;
  });
  return pending;
}

/** What `init` compiled. */
export function compiledModules(): Modules {
  if (modules) return modules;
  throw new ChordError('not_initialized', 'call `await init()` first: it is the default export of wasm-chord');
}

async function compileAll(options: InitOptions): Promise<void> {
  requireSimd();
  try {
    const [control, kernels] = await Promise.all([
      options.control === undefined ? platform.compileControl() : compile(options.control),
      options.kernels === undefined ? platform.compileKernels() : compile(options.kernels),
    ]);
    modules = { control, kernels, variant: 'simd128' };
  } catch (cause) {
    if (cause instanceof ChordError) throw cause;
    throw new ChordError('io', `the wasm modules could not be loaded: ${messageOf(cause)}`, { cause });
  }
}

async function compile(source: ModuleSource): Promise<WebAssembly.Module> {
  if (source instanceof WebAssembly.Module) return source;
  if (typeof source === 'string' || source instanceof URL) return platform.compileFrom(source);
  return WebAssembly.compile(source);
}
