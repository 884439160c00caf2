import { ChordError } from '../errors.js';
import type { Core } from './core.js';
import { encodeUtf8 } from './memory.js';

/** Memory of the control module for arguments and results of a call. */
export class Scratch {
  readonly #core: Core;
  readonly #addresses: number[] = [];

  constructor(core: Core) {
    this.#core = core;
  }

  allocate(bytes: number): number {
    const address = this.#core.invoke((exports) => exports.malloc(Math.max(bytes, 1))) >>> 0;
    if (address === 0) {
      const held = this.#core.control.bytes.length;
      throw new ChordError('out_of_memory', `wanted ${bytes} bytes beside the ${held} that the control module holds`);
    }
    this.#addresses.push(address);
    return address;
  }

  bytes(bytes: Uint8Array): number {
    const address = this.allocate(bytes.length);
    this.#core.control.bytes.set(bytes, address);
    return address;
  }

  text(text: string): { address: number; length: number } {
    const bytes = encodeUtf8(text);
    return { address: this.bytes(bytes), length: bytes.length };
  }

  cString(text: string): number {
    if (text.includes('\0')) throw new ChordError('invalid_argument', `a NUL character in «${text}»`);
    return this.bytes(encodeUtf8(`${text}\0`));
  }

  int32s(values: ArrayLike<number>): number {
    return this.bytes(new Uint8Array(Int32Array.from(values).buffer));
  }

  release(): void {
    if (!this.#core.isOpen) return;
    for (const address of this.#addresses) {
      this.#core.invoke((exports) => {
        exports.free(address);
      });
    }
  }
}
