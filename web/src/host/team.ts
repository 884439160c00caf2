import { platform } from '#platform';
import type { EndWorker } from './worker.js';

const stackBytes = 131_072;

interface TeamExports {
  set_team(threadCount: number, firstMaySleep: number): void;
  lose(): void;
}

/** Bytes at the start of the heap that the stacks of a team's workers take. */
export function stackBytesOf(threads: number): number {
  return (threads - 1) * stackBytes;
}

/**
 * The threads that compute in a data plane: the caller's, and workers. These start when they can, and work is done
 * without those that have not.
 */
export class Team {
  readonly #exports: TeamExports;
  readonly #threads: number;
  #ends: EndWorker[] = [];

  /** `stacks`: where stackBytesOf(threads) bytes are for them. */
  constructor(
    kernels: WebAssembly.Module,
    exports: WebAssembly.Exports,
    memory: WebAssembly.Memory,
    stacks: number,
    threads: number,
  ) {
    if (!isTeam(exports)) throw new Error('the kernel module does not export set_team and lose');
    this.#exports = exports;
    const lost = (): void => {
      if (this.#ends.length > 0) exports.lose();
    };
    for (let i = 1; i < threads; i += 1) {
      const end = platform.startWorker({ kernels, memory, stackTop: stacks + i * stackBytes }, lost);
      if (!end) break;
      this.#ends.push(end);
    }
    this.#threads = 1 + this.#ends.length;
  }

  /** How many threads compute, those included that are still starting. */
  get threads(): number {
    return this.#threads;
  }

  /** Whether the workers are called for what runs next. */
  useWorkers(use: boolean): void {
    this.#exports.set_team(use ? this.#threads : 1, platform.maySleep ? 1 : 0);
  }

  end(): void {
    const ends = this.#ends;
    this.#ends = [];
    for (const end of ends) end();
  }
}

function isTeam(exports: WebAssembly.Exports): exports is WebAssembly.Exports & TeamExports {
  return typeof exports['set_team'] === 'function' && typeof exports['lose'] === 'function';
}
