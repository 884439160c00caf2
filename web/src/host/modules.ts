import { ChordError } from '../errors.js';

/** The compiled modules that every model is instantiated from. */
export interface Modules {
  readonly control: WebAssembly.Module;
  readonly kernels: WebAssembly.Module;
  /** The kernels' variant: "simd128". */
  readonly variant: string;
}

// A module with one function that returns v128.const 0.
const simdProbe = new Uint8Array([
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b, 0x03, 0x02, 0x01, 0x00,
  0x0a, 0x16, 0x01, 0x14, 0x00, 0xfd, 0x0c, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
  0x00, 0x00, 0x00, 0x00, 0x0b,
]);

/** Throws `unsupported_engine` where the modules cannot run. */
export function requireSimd(validate: (bytes: Uint8Array<ArrayBuffer>) => boolean = WebAssembly.validate): void {
  if (validate(simdProbe)) return;
  throw new ChordError(
    'unsupported_engine',
    'this JavaScript engine has no WebAssembly SIMD: wasm-chord needs Chrome or Edge 115, Firefox 89, Safari 16.4, ' +
      'Node 20, or later',
  );
}
