/** Of several runs. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export interface PromptSpeeds {
  readonly prompt_tokens: number;
  /** Tokens a second. */
  readonly prefill: Spread;
  /** Tokens a second, after a prompt of that length. */
  readonly decode: Spread;
  /**
   * The part of `bandwidth` that decoding takes up. Keys and values are not counted, nor what caches save. null where
   * the bandwidth is not known.
   */
  readonly bandwidth_share: number | null;
}

/** What a benchmark found. `chord bench --json` prints the same object. */
export interface BenchReport {
  /** "wasm-chord 0.1.0, Node 26.10.0" */
  readonly engine: string;
  /** The kernel variant. */
  readonly kernels: string;
  readonly threads: number;
  /** `general.name` of the file, or "". */
  readonly model: string;
  /** Without its folders. */
  readonly file: string;
  readonly weight_bytes: number;
  /** Of weights that the decoding of a token reads. */
  readonly decode_bytes: number;
  readonly load_ms: number;
  /** The most memory that was in use: of the process in Node, of the page in a browser; null: not known. */
  readonly peak_bytes: number | null;
  /** Bytes a second that as many threads read from memory; null: not known. */
  readonly bandwidth: number | null;
  readonly kv_type: string;
  readonly kv_bytes: number;
  readonly generated_tokens: number;
  readonly runs: number;
  readonly speeds: readonly PromptSpeeds[];
}

/** `values` is not empty. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? NaN;
  const half = Math.floor(sorted.length / 2);
  const median = sorted.length % 2 === 1 ? at(half) : (at(half - 1) + at(half)) / 2;
  return { median, min: at(0), max: at(sorted.length - 1) };
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

function cell({ median, min, max }: Spread): string {
  return `${median.toFixed(1).padStart(9)} ${`(${min.toFixed(1)} to ${max.toFixed(1)})`.padEnd(20)}`;
}

/** The table that `chord bench` prints, too. */
export function toTable(report: BenchReport): string {
  const { bandwidth, peak_bytes: peak } = report;
  const named = report.model === '' ? report.file : `${report.model}, ${report.file}`;
  const lines = [
    `engine     ${report.engine}, kernels ${report.kernels}, ${threadCount(report.threads)}`,
    `model      ${named}, ${megabytes(report.weight_bytes)}`,
    `load       ${report.load_ms.toFixed(0)} ms`,
    ...(peak === null ? [] : [`memory     ${megabytes(peak)} at most`]),
    ...(bandwidth === null
      ? []
      : [`bandwidth  ${(bandwidth / 1e9).toFixed(2)} GB/s, read by ${threadCount(report.threads)}`]),
    `runs       ${report.runs}, of ${report.generated_tokens} tokens generated, with ${report.kv_type} keys and values`,
    '',
    `prompt  ${'prefill'.padStart(9)} ${'tok/s'.padEnd(20)}  ${'decode'.padStart(9)} ${'tok/s'.padEnd(20)}` +
      (bandwidth === null ? '' : '  of the bandwidth'),
    ...report.speeds.map(
      ({ prompt_tokens, prefill, decode, bandwidth_share: share }) =>
        `${String(prompt_tokens).padStart(6)}  ${cell(prefill)}  ${cell(decode)}` +
        (share === null ? '' : `  ${(share * 100).toFixed(0)} %`),
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function threadCount(threads: number): string {
  return threads === 1 ? '1 thread' : `${threads} threads`;
}
