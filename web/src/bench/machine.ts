/** What a benchmark asks of Node or of a browser; the build puts one of them in the place of `#machine`. */
export interface Machine {
  /** "Node 26.10.0" */
  readonly runtime: string;
  /**
   * The most memory that was in use so far, in bytes: of the whole process in Node; in a browser of `memories`, which
   * never shrink, and of the JavaScript heap where the browser tells, which takes it up to half a minute.
   */
  peakMemory(memories: readonly WebAssembly.Memory[]): Promise<number>;
  /** Runs a script in a new thread, where onData(use) takes `data`; resolves with the first message that it posts. */
  runThread(script: string, data: unknown): Promise<unknown>;
}
