/** What a worker needs to take part in a data plane's work. */
export interface WorkerStart {
  readonly kernels: WebAssembly.Module;
  /** Shared. */
  readonly memory: WebAssembly.Memory;
  /** Where the worker's stack, which grows downwards, begins. */
  readonly stackTop: number;
}

/** Ends a worker. */
export type EndWorker = () => void;

/** What a worker does all its life; `ready` is called when it is about to begin. */
export function work({ kernels, memory, stackTop }: WorkerStart, ready: () => void): void {
  const { exports } = new WebAssembly.Instance(kernels, { env: { memory } });
  const { __stack_pointer: stackPointer, work: run } = exports;
  if (!(stackPointer instanceof WebAssembly.Global) || typeof run !== 'function') {
    throw new Error('the kernel module does not export work and __stack_pointer');
  }
  stackPointer.value = typeof stackPointer.value === 'bigint' ? BigInt(stackTop) : stackTop;
  ready();
  Reflect.apply(run, undefined, []);
}
