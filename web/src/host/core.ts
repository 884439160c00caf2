import { gpuImports } from '#gpu';
import { chordCodeNames, chordExportCount, writeOpenedDataPlane } from '../abi/generated.js';
import type { ChordExports, ChordImports, GpuImports } from '../abi/generated.js';
import { ChordError, coreErrorCode, messageOf } from '../errors.js';
import { DataPlane, growAsFarAsPossible, tryGrow } from './data_plane.js';
import type { CreateMemory } from './data_plane.js';
import { MemoryViews, encodeUtf8 } from './memory.js';
import type { Modules } from './modules.js';
import { Scratch } from './scratch.js';

interface ControlExports extends ChordExports {
  readonly memory: WebAssembly.Memory;
  readonly __indirect_function_table: WebAssembly.Table;
  malloc(bytes: number): number;
  free(address: number): void;
  _initialize(): void;
}

/** What a core asks of a GPU, beside what its module imports of it. */
export interface ModelGpu {
  /** `views`: the control module's memory. */
  imports(views: () => MemoryViews): GpuImports;
  settled(): Promise<void>;
  destroy(): void;
}

/**
 * One instance of the control module and, once that asks for it, one of the kernel module: all that a model lives
 * in. Dropping it gives both memories back, since a wasm memory cannot shrink. A trap leaves an instance in no
 * known state, so it is dropped then too, and the trap becomes a ChordError.
 */
export class Core {
  #variant = '';
  readonly #createMemory: CreateMemory | undefined;
  #exports: ControlExports | undefined;
  #control: MemoryViews | undefined;
  #data: DataPlane | undefined;
  #gpu: ModelGpu | undefined;
  #refusedBytes: number | undefined;

  /**
   * `gpu`: where the model will be placed, if not in the data plane. The control module alone is enough for what is
   * not placed.
   */
  constructor(modules: Modules | Pick<Modules, 'control'>, createMemory?: CreateMemory, gpu?: ModelGpu) {
    this.#createMemory = createMemory;
    this.#gpu = gpu;
    if ('kernels' in modules) this.useKernels(modules);
    const { exports } = instantiate(modules.control, {
      chord: { ...this.#imports(), ...gpuImports(gpu, () => this.control) },
      wasi_snapshot_preview1: wasiStubs,
    });
    if (!isControl(exports)) throw new ChordError('internal', 'the control module is of another version');
    this.#exports = exports;
    this.#control = new MemoryViews(exports.memory);
    this.invoke((control) => {
      control._initialize();
    });
  }

  get isOpen(): boolean {
    return this.#exports !== undefined;
  }

  get gpu(): ModelGpu | undefined {
    return this.#gpu;
  }

  get control(): MemoryViews {
    return this.#control ?? closed();
  }

  get data(): DataPlane {
    return this.#data ?? closed();
  }

  /** Of the data plane's memory; 0 without kernels, and before a model is placed. */
  get dataBytes(): number {
    return this.#data?.byteLength ?? 0;
  }

  /** Runs the model that will be placed with other kernels. */
  useKernels(modules: Modules): void {
    this.#variant = modules.variant;
    this.#data = new DataPlane(modules, this.#createMemory);
  }

  /** Lets go of both instances, their workers, and what is on the GPU. */
  discard(): void {
    this.#exports = undefined;
    this.#control = undefined;
    this.#data?.close();
    this.#data = undefined;
    this.#gpu?.destroy();
    this.#gpu = undefined;
  }

  /** Calls into the control module. */
  invoke<T>(call: (exports: ControlExports) => T): T {
    const exports = this.#exports ?? closed();
    try {
      return call(exports);
    } catch (error) {
      this.discard();
      throw error instanceof ChordError ? error : this.#trapError(error, exports.memory);
    }
  }

  /** Calls a function that returns a chord_code, and throws where that is not CHORD_OK. */
  check(call: (exports: ControlExports) => number): void {
    const code = this.invoke(call);
    if (chordCodeNames[code] === 'ok') return;
    const message = this.control.cString(this.invoke((exports) => exports.chord_error_message() >>> 0));
    throw new ChordError(coreErrorCode(code), message);
  }

  /** Calls a function that returns a C string. */
  cString(call: (exports: ControlExports) => number): string {
    return this.control.cString(this.invoke(call) >>> 0);
  }

  /** Lends memory of the control module for the time of `use`. */
  withScratch<T>(use: (scratch: Scratch) => T): T {
    const scratch = new Scratch(this);
    try {
      return use(scratch);
    } finally {
      scratch.release();
    }
  }

  // Called with the memory of an instance that nobody will use again.
  #trapError(cause: unknown, memory: WebAssembly.Memory): ChordError {
    if (this.#refusedBytes === undefined) {
      const message = `the module trapped (${messageOf(cause)}); its instance was discarded`;
      return new ChordError('internal', message, { cause });
    }
    const held = memory.buffer.byteLength;
    growAsFarAsPossible((pages) => tryGrow(memory, pages));
    const available = memory.buffer.byteLength - held;
    const message =
      `the control module wanted ${this.#refusedBytes} bytes beside the ${held} it holds; ` +
      `${available} bytes available; its instance was discarded`;
    return new ChordError('out_of_memory', message, { cause });
  }

  #imports(): ChordImports {
    return {
      now: () => performance.now(),
      data_open: (bytes, result) => {
        const { granted, ...opened } = this.data.open(
          Number(bytes),
          this.invoke((x) => x.__indirect_function_table),
        );
        writeOpenedDataPlane(this.control.data, result >>> 0, opened);
        return granted ? 0 : 1;
      },
      data_grow: (bytes) => BigInt(this.data.grow(Number(bytes))),
      data_write: (address, source, length) => {
        this.data.views.at(Number(address), length >>> 0).set(this.control.at(source >>> 0, length >>> 0));
      },
      data_read: (address, destination, length) => {
        this.control.bytes.set(this.data.views.at(Number(address), length >>> 0), destination >>> 0);
      },
      refused: (bytes) => {
        this.#refusedBytes = bytes >>> 0;
      },
      kernels_name: (name, capacity) => {
        const bytes = encodeUtf8(this.#variant);
        this.control.bytes.set(bytes.subarray(0, capacity >>> 0), name >>> 0);
        return bytes.length;
      },
    };
  }
}

// libc links its standard streams although nothing here writes to them: errno ENOSYS.
const notSupported = (): number => 52;
const wasiStubs = { fd_close: notSupported, fd_seek: notSupported, fd_write: notSupported };

function instantiate(module: WebAssembly.Module, imports: WebAssembly.Imports): WebAssembly.Instance {
  try {
    return new WebAssembly.Instance(module, imports);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new ChordError('out_of_memory', `no memory for another instance: ${cause.message}`, { cause });
  }
}

function isControl(exports: WebAssembly.Exports): exports is WebAssembly.Exports & ControlExports {
  return (
    exports['memory'] instanceof WebAssembly.Memory &&
    exports['__indirect_function_table'] instanceof WebAssembly.Table &&
    ['malloc', 'free', '_initialize'].every((name) => typeof exports[name] === 'function') &&
    Object.keys(exports).filter((name) => name.startsWith('chord_')).length === chordExportCount
  );
}

export function closed(): never {
  throw new ChordError('closed', 'the model was freed, or its instance was discarded after an error');
}
