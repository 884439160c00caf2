import type { OpenedDataPlane } from '../abi/generated.js';
import { MemoryViews } from './memory.js';
import { isThreaded } from './modules.js';
import { Team, stackBytesOf } from './team.js';

const pageBytes = 65536;
const stackAlignment = 16;

// The kernel module's own data and stack end below this; the instance says exactly where (__heap_base).
const initialPages = 32;

// Of a shared memory. Engines reserve all of it at once, and phones refuse the most there can be.
const sharedLimits = [65536, 49152, 32768, 16384, 8192];

export type CreateMemory = (descriptor: WebAssembly.MemoryDescriptor) => WebAssembly.Memory;

/** The kernel module over a memory of its own: where tensors are and the numbers are computed. */
export class DataPlane {
  readonly #module: WebAssembly.Module;
  readonly #createMemory: CreateMemory;
  readonly #threads: number;
  #views: MemoryViews | undefined;
  #team: Team | undefined;
  #useWorkers = true;

  /** `threads`: how many compute, if the module is one for several. */
  constructor(module: WebAssembly.Module, createMemory: CreateMemory = (d) => new WebAssembly.Memory(d), threads = 1) {
    this.#module = module;
    this.#createMemory = createMemory;
    this.#threads = threads;
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
    if (!memory) return { granted: false, heapBase: 0n, size: 0n, run: 0, threads: 0 };
    const { exports } = new WebAssembly.Instance(this.#module, { env: { memory } });
    const heapBase = exports['__heap_base'];
    const run = exports['run'];
    if (!(heapBase instanceof WebAssembly.Global) || typeof heapBase.value !== 'number' || typeof run !== 'function') {
      throw new Error('the kernel module does not export run and __heap_base');
    }
    this.#views = new MemoryViews(memory);
    const stacks = Math.ceil(heapBase.value / stackAlignment) * stackAlignment;
    const heap = stacks + stackBytesOf(this.#threads);
    const granted = this.grow(heap + bytes) !== 0;
    if (!granted) growAsFarAsPossible(memory);
    if (granted && isThreaded(this.#module)) {
      this.#team = new Team(this.#module, exports, memory, stacks, this.#threads);
      this.#team.useWorkers(this.#useWorkers);
    }
    const slot = table.grow(1);
    table.set(slot, run);
    const threads = this.#team?.threads ?? 1;
    return { granted, heapBase: BigInt(heap), size: BigInt(this.byteLength), run: slot, threads };
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
    if (!isThreaded(this.#module)) return this.#tryMemory({ initial: initialPages });
    for (const maximum of sharedLimits) {
      const memory = this.#tryMemory({ initial: initialPages, maximum, shared: true });
      if (memory) return memory;
    }
    return undefined;
  }

  #tryMemory(descriptor: WebAssembly.MemoryDescriptor): WebAssembly.Memory | undefined {
    try {
      return this.#createMemory(descriptor);
    } catch (error) {
      if (error instanceof RangeError) return undefined;
      throw error;
    }
  }

  /** The new size, at least `bytes`; or 0 where the engine refuses it. */
  grow(bytes: number): number {
    const { memory } = this.views;
    const missing = Math.ceil((bytes - memory.buffer.byteLength) / pageBytes);
    return missing <= 0 || tryGrow(memory, missing) ? memory.buffer.byteLength : 0;
  }
}

// False where the engine refuses the pages.
function tryGrow(memory: WebAssembly.Memory, pages: number): boolean {
  if (pages > 65536) return false;
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
export function growAsFarAsPossible(memory: WebAssembly.Memory): void {
  for (let pages = 32768; pages >= 16; pages /= 2) tryGrow(memory, pages);
}
