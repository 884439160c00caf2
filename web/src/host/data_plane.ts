import type { OpenedDataPlane } from '../abi/generated.js';
import { MemoryViews } from './memory.js';
import { hasWideAddresses, isThreaded } from './modules.js';
import type { Modules } from './modules.js';
import { Team, stackBytesOf } from './team.js';

const pageBytes = 65536;
const stackAlignment = 16;

// The kernel module's own data and stack end below this; the instance says exactly where (__heap_base).
const initialPages = 32;

// What engines allow, in pages: 4 GiB, and 16 GiB of a memory with 64-bit addresses.
const maxPages = 65536;
const maxWidePages = 262144;

// Of the most pages, for a shared memory: engines reserve it at once, and phones refuse the most there can be.
const sharedParts = [1, 3 / 4, 1 / 2, 1 / 4, 1 / 8];

/** Of a memory: as WebAssembly.MemoryDescriptor, or with a 64-bit address type and numbers of pages to match. */
export interface MemoryDescriptor {
  readonly address?: 'i64';
  readonly initial: number | bigint;
  readonly maximum?: number | bigint;
  readonly shared?: boolean;
}

export type CreateMemory = (descriptor: MemoryDescriptor) => WebAssembly.Memory;

interface Growable {
  grow(pages: number | bigint): number | bigint;
}

// The declarations of WebAssembly.Memory do not know 64-bit addresses yet.
const createWebAssemblyMemory: CreateMemory = (descriptor) => {
  const memory: unknown = Reflect.construct(WebAssembly.Memory, [descriptor]);
  if (memory instanceof WebAssembly.Memory) return memory;
  throw new TypeError('WebAssembly.Memory made something else');
};

/** The kernel module over a memory of its own: where tensors are and the numbers are computed. */
export class DataPlane {
  readonly #module: WebAssembly.Module;
  readonly #createMemory: CreateMemory;
  readonly #threads: number;
  readonly #wide: boolean;
  #maxPages: number;
  #views: MemoryViews | undefined;
  #team: Team | undefined;
  #useWorkers = true;

  constructor(modules: Omit<Modules, 'control'>, createMemory: CreateMemory = createWebAssemblyMemory) {
    this.#module = modules.kernels;
    this.#createMemory = createMemory;
    this.#threads = modules.threads ?? 1;
    this.#wide = hasWideAddresses(modules.variant);
    this.#maxPages = this.#wide ? maxWidePages : maxPages;
  }

  /** 0 before `open`. */
  get byteLength(): number {
    return this.#views?.memory.buffer.byteLength ?? 0;
  }

  get views(): MemoryViews {
    if (!this.#views) throw new Error('the data plane is not open');
    return this.#views;
  }

  /**
   * Instantiates the kernels with room for `bytes` beyond their own data and puts `run` into `table`.
   * `granted` is false where the engine refuses the memory; `size` is then what it gave at most.
   */
  open(bytes: number, table: WebAssembly.Table): OpenedDataPlane & { granted: boolean } {
    const memory = this.#newMemory();
    if (!memory) return { granted: false, heapBase: 0n, size: 0n, limit: 0n, run: 0, threads: 0 };
    const { exports } = new WebAssembly.Instance(this.#module, { env: { memory } });
    const heapBase = exports['__heap_base'];
    const run = exports['run'];
    if (!(heapBase instanceof WebAssembly.Global) || typeof run !== 'function') {
      throw new Error('the kernel module does not export run and __heap_base');
    }
    this.#views = new MemoryViews(memory);
    const stacks = Math.ceil(Number(heapBase.value) / stackAlignment) * stackAlignment;
    const heap = stacks + stackBytesOf(this.#threads);
    const granted = this.grow(heap + bytes) !== 0;
    if (!granted) growAsFarAsPossible((pages) => this.#tryGrow(pages));
    if (granted && isThreaded(this.#module)) {
      this.#team = new Team(this.#module, exports, memory, stacks, this.#threads);
      this.#team.useWorkers(this.#useWorkers);
    }
    const slot = table.grow(1);
    table.set(slot, run);
    const threads = this.#team?.threads ?? 1;
    const limit = BigInt(this.#maxPages * pageBytes);
    return { granted, heapBase: BigInt(heap), size: BigInt(this.byteLength), limit, run: slot, threads };
  }

  /** Runs something on this thread alone. */
  alone<T>(run: () => T): T {
    this.#useWorkers = false;
    this.#team?.useWorkers(false);
    try {
      return run();
    } finally {
      this.#useWorkers = true;
      this.#team?.useWorkers(true);
    }
  }

  /** Ends the workers. */
  close(): void {
    this.#team?.end();
  }

  #newMemory(): WebAssembly.Memory | undefined {
    if (!isThreaded(this.#module)) return this.#tryMemory(this.#descriptor());
    for (const part of sharedParts) {
      const maximum = this.#maxPages * part;
      const memory = this.#tryMemory({ ...this.#descriptor(), maximum: this.#pages(maximum), shared: true });
      if (!memory) continue;
      this.#maxPages = maximum;
      return memory;
    }
    return undefined;
  }

  #descriptor(): MemoryDescriptor {
    return { ...(this.#wide ? { address: 'i64' } : {}), initial: this.#pages(initialPages) };
  }

  // A number of pages, of the type that the memory's addresses have.
  #pages(count: number): number | bigint {
    return this.#wide ? BigInt(count) : count;
  }

  #tryMemory(descriptor: MemoryDescriptor): WebAssembly.Memory | undefined {
    try {
      return this.#createMemory(descriptor);
    } catch (error) {
      if (error instanceof RangeError) return undefined;
      throw error;
    }
  }

  /** The new size, at least `bytes`; or 0 where the engine refuses it. */
  grow(bytes: number): number {
    const missing = Math.ceil((bytes - this.byteLength) / pageBytes);
    return missing <= 0 || this.#tryGrow(missing) ? this.byteLength : 0;
  }

  #tryGrow(pages: number): boolean {
    return pages <= this.#maxPages && tryGrow(this.views.memory, this.#pages(pages));
  }
}

/** False where the engine refuses the pages. */
export function tryGrow(memory: Growable, pages: number | bigint): boolean {
  try {
    memory.grow(pages);
    return true;
  } catch {
    return false;
  }
}

/**
 * For an error message that says how much there was. Pages that nobody touches cost no memory, and the instance is
 * thrown away next.
 */
export function growAsFarAsPossible(tryToGrow: (pages: number) => boolean): void {
  for (let pages = 32768; pages >= 16; pages /= 2) tryToGrow(pages);
}
