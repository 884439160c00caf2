import { ChordError } from '../errors.js';

/**
 * A way in which the kernels are compiled: for what every engine with SIMD has, or with relaxed SIMD; or with that and
 * for a memory of more than 4 GiB.
 */
export type Variant = 'simd128' | 'relaxed' | 'relaxed64';

const variants: readonly Variant[] = ['simd128', 'relaxed', 'relaxed64'];

/** Whether a variant's memory has 64-bit addresses. */
export function hasWideAddresses(variant: string): boolean {
  return variant === 'relaxed64';
}

/** The compiled modules that every model is instantiated from. */
export interface Modules {
  readonly control: WebAssembly.Module;
  readonly kernels: WebAssembly.Module;
  /** The kernels' variant: "simd128". */
  readonly variant: string;
  /** How many threads compute, if not one. */
  readonly threads?: number;
  /** The folder that other modules come from, if it is not the script's. */
  readonly assets?: string | URL | undefined;
}

/** What a JavaScript engine can run. */
export interface EngineFeatures {
  readonly simd: boolean;
  readonly relaxedSimd: boolean;
  /** The instructions alone; whether memory may be shared is the page's matter. */
  readonly threads: boolean;
  /** Memories with 64-bit addresses. */
  readonly memory64: boolean;
}

const header = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

// A module with one function that returns v128.const 0.
const simdProbe = new Uint8Array([
  ...header,
  ...[0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b, 0x03, 0x02, 0x01, 0x00, 0x0a, 0x16, 0x01, 0x14, 0x00, 0xfd, 0x0c],
  ...[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x0b],
]);

// One that returns f32x4.relaxed_madd of its three arguments.
const relaxedSimdProbe = new Uint8Array([
  ...header,
  ...[0x01, 0x08, 0x01, 0x60, 0x03, 0x7b, 0x7b, 0x7b, 0x01, 0x7b, 0x03, 0x02, 0x01, 0x00, 0x0a, 0x0d, 0x01, 0x0b, 0x00],
  ...[0x20, 0x00, 0x20, 0x01, 0x20, 0x02, 0xfd, 0x85, 0x02, 0x0b],
]);

// One that drops an i32.atomic.load of its shared memory.
const threadsProbe = new Uint8Array([
  ...header,
  ...[0x01, 0x04, 0x01, 0x60, 0x00, 0x00, 0x03, 0x02, 0x01, 0x00, 0x05, 0x04, 0x01, 0x03, 0x01, 0x01, 0x0a, 0x0b],
  ...[0x01, 0x09, 0x00, 0x41, 0x00, 0xfe, 0x10, 0x02, 0x00, 0x1a, 0x0b],
]);

// One that has a memory with 64-bit addresses.
const memory64Probe = new Uint8Array([...header, 0x05, 0x03, 0x01, 0x04, 0x01]);

type Validate = (bytes: Uint8Array<ArrayBuffer>) => boolean;

export function engineFeatures(validate: Validate = WebAssembly.validate): EngineFeatures {
  return {
    simd: validate(simdProbe),
    relaxedSimd: validate(relaxedSimdProbe),
    threads: validate(threadsProbe),
    memory64: validate(memory64Probe),
  };
}

/** The variant that is asked for, or the fastest. Throws `unsupported_engine` where it cannot run. */
export function chooseVariant(wanted: Variant | undefined, features: EngineFeatures): Variant {
  if (!features.simd) {
    throw new ChordError(
      'unsupported_engine',
      'this JavaScript engine has no WebAssembly SIMD: wasm-chord needs Chrome or Edge 115, Firefox 89, Safari 16.4, ' +
        'Node 20, or later',
    );
  }
  if (wanted !== undefined && !variants.includes(wanted)) {
    throw new ChordError('invalid_argument', `variant is ${wanted}; allowed are ${variants.join(', ')}`);
  }
  if (wanted !== undefined && wanted !== 'simd128' && !features.relaxedSimd) {
    throw new ChordError('unsupported_engine', 'this JavaScript engine has no relaxed SIMD: leave `variant` out');
  }
  if (wanted === 'relaxed64' && !features.memory64) {
    throw new ChordError('unsupported_engine', 'this JavaScript engine has no 64-bit memories: leave `variant` out');
  }
  return wanted ?? (features.relaxedSimd ? 'relaxed' : 'simd128');
}

const maxThreads = 128;

/** The number of threads that is asked for, or one that suits so many processors. */
export function chooseThreads(wanted: number | undefined, processors: number): number {
  if (wanted === undefined) return defaultThreads(processors);
  if (Number.isInteger(wanted) && wanted >= 1 && wanted <= maxThreads) return wanted;
  throw new ChordError('invalid_argument', `threads is ${wanted}; allowed are 1 to ${maxThreads}`);
}

// Four processors and more are mostly two for each core, or of two speeds; and a page has other work, too.
function defaultThreads(processors: number): number {
  if (processors <= 2) return Math.max(processors, 1);
  return processors <= 4 ? processors - 1 : Math.min(Math.ceil(processors / 2), 16);
}

/** Whether a kernel module is one for several threads. */
export function isThreaded(kernels: WebAssembly.Module): boolean {
  return WebAssembly.Module.exports(kernels).some(({ name }) => name === 'work');
}
