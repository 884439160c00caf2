const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Views of a wasm memory, made anew after it grew (which detaches the old ones). */
export class MemoryViews {
  readonly memory: WebAssembly.Memory;
  #bytes: Uint8Array;
  #data: DataView;

  constructor(memory: WebAssembly.Memory) {
    this.memory = memory;
    this.#bytes = new Uint8Array(memory.buffer);
    this.#data = new DataView(memory.buffer);
  }

  get bytes(): Uint8Array {
    this.#refresh();
    return this.#bytes;
  }

  get data(): DataView {
    this.#refresh();
    return this.#data;
  }

  /** A view that is valid until the memory grows. */
  at(address: number, length: number): Uint8Array {
    return this.bytes.subarray(address, address + length);
  }

  text(address: number, length: number): string {
    return decoder.decode(this.at(address, length));
  }

  cString(address: number): string {
    const bytes = this.bytes;
    return this.text(address, bytes.indexOf(0, address) - address);
  }

  #refresh(): void {
    if (this.#bytes.buffer === this.memory.buffer) return;
    this.#bytes = new Uint8Array(this.memory.buffer);
    this.#data = new DataView(this.memory.buffer);
  }
}

export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}
