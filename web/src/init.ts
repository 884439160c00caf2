import { platform } from '#platform';
import { ChordError, messageOf } from './errors.js';
import { chooseThreads, chooseVariant, engineFeatures, hasWideAddresses, isThreaded } from './host/modules.js';
import type { Modules, Variant } from './host/modules.js';

/** A wasm module: compiled, as bytes, or where it is. */
export type ModuleSource = WebAssembly.Module | ArrayBuffer | Uint8Array<ArrayBuffer> | string | URL;

/** What runs the models; and where the modules are, if not beside the script. */
export interface InitOptions {
  /** The kernels' variant. Default: the fastest that the engine supports. */
  readonly variant?: Variant | undefined;
  /**
   * How many threads compute, 1 to 128. Default: by the number of processors. It is one thread where memory cannot be
   * shared: on a page that is not cross-origin isolated.
   */
  readonly threads?: number | undefined;
  /** The folder of the modules, as a URL. Default: beside the script. */
  readonly assets?: string | URL | undefined;
  /** `chord.wasm` */
  readonly control?: ModuleSource;
  /** `kernels-*.wasm`, which `variant` (`simd128` where it is left out) then only names. */
  readonly kernels?: ModuleSource;
}

// Of a memory with 32-bit addresses.
const narrowBytes = 2 ** 32;

let pending: Promise<void> | undefined;
let modules: Modules | undefined;

/**
 * Fetches and compiles the two wasm modules: of the kernels only the variant that will run. Once it has succeeded,
 * further calls do nothing, whatever their options; after a failure it may be tried again.
 */
export default function init(options: InitOptions = {}): Promise<void> {
  pending ??= compileModules(options).then(
    (compiled) => {
      modules = compiled;
    },
    (error: unknown) => {
      pending = undefined;
      throw error;
    },
  );
  return pending;
}

/** What `init` compiled. */
export function compiledModules(): Modules {
  if (modules) return modules;
  throw new ChordError('not_initialized', 'call `await init()` first: it is the default export of wasm-chord');
}

const wideModules = new WeakMap<Modules, Promise<Modules>>();

/**
 * The modules that are there, or kernels with a larger memory where a model needs so many bytes that it does not fit
 * 4 GiB. Where there are none, the error has both numbers.
 */
export async function modulesFor(own: Modules, bytes: number): Promise<Modules> {
  if (bytes <= narrowBytes || hasWideAddresses(own.variant)) return own;
  const { relaxedSimd, memory64 } = engineFeatures();
  if (!relaxedSimd || !memory64) {
    throw new ChordError(
      'out_of_memory',
      `the model needs ${bytes} bytes, a memory with 32-bit addresses has at most ${narrowBytes}, and this ` +
        `JavaScript engine has no ${memory64 ? 'relaxed SIMD' : '64-bit memories'}: a newer one, a shorter context ` +
        'or a smaller model would do',
    );
  }
  const threads = own.threads ?? 1;
  const known = wideModules.get(own);
  if (known) return known;
  const wide = platform
    .compileKernels('relaxed64', threads > 1, own.assets)
    .then((kernels) => ({ ...own, kernels, variant: 'relaxed64' }))
    .catch((cause: unknown) => {
      wideModules.delete(own);
      throw new ChordError('io', `the kernels for 64-bit memories could not be loaded: ${messageOf(cause)}`, { cause });
    });
  wideModules.set(own, wide);
  return wide;
}

/** What `init` does, for one engine. */
export async function compileModules(options: InitOptions): Promise<Modules> {
  const features = engineFeatures();
  const variant = chooseVariant(options.kernels === undefined ? options.variant : 'simd128', features);
  const wanted = chooseThreads(options.threads, platform.processors);
  const threads = platform.sharesMemory && features.threads ? wanted : 1;
  try {
    const [control, kernels] = await Promise.all([
      options.control === undefined ? platform.compileControl(options.assets) : compile(options.control),
      options.kernels === undefined
        ? platform.compileKernels(variant, threads > 1, options.assets)
        : compile(options.kernels),
    ]);
    return {
      control,
      kernels,
      variant: options.variant ?? variant,
      threads: isThreaded(kernels) ? threads : 1,
      assets: options.assets,
    };
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
