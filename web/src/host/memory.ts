const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Views of a wasm memory, made anew after it grew (which detaches the old ones). */
export class MemoryViews {
  readonly memory: WebAssembly.Memory;
  #bytes: Uint8Array | undefined;
  #data: DataView | undefined;

  constructor(memory: WebAssembly.Memory) {
    this.memory = memory;
  }

  /** The whole memory: engines have views of 4 GiB and more, but not of any size. */
  get bytes(): Uint8Array {
    if (this.#bytes?.buffer !== this.memory.buffer) this.#bytes = new Uint8Array(this.memory.buffer);
    return this.#bytes;
  }

  get data(): DataView {
    if (this.#data?.buffer !== this.memory.buffer) this.#data = new DataView(this.memory.buffer);
    return this.#data;
  }

  /** A view that is valid until the memory grows. */
  at(address: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, address, length);
  }

  text(address: number, length: number): string {
    return decoder.decode(this.at(address, length));
  }

  cString(address: number): string {
    const bytes = this.bytes;
    return this.text(address, bytes.indexOf(0, address) - address);
  }
}

export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}
