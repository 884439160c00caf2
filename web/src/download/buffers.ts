/** Bytes in a buffer of their own, which can be moved. */
export type Bytes = Uint8Array<ArrayBuffer>;

// Large enough that a call for each costs nothing beside the copying.
export const bufferBytes = 2 ** 18;

/**
 * What the parts of a download read into, again and again: buffers that are allocated for each are garbage that a
 * collection comes too late for.
 */
export class Buffers {
  readonly #free: ArrayBuffer[] = [];

  take(): Bytes {
    return new Uint8Array(this.#free.pop() ?? new ArrayBuffer(bufferBytes));
  }

  /** `bytes`: any of those that lie in one that was taken. */
  give({ buffer }: Bytes): void {
    this.#free.push(buffer);
  }

  clear(): void {
    this.#free.length = 0;
  }
}
