import { chordCodeNames } from './abi/generated.js';

/** The codes of include/chord.h. */
export type CoreErrorCode = Exclude<(typeof chordCodeNames)[number], 'ok'>;

/**
 * What can go wrong, as `ChordError.code`:
 *
 * - `invalid_argument`: an argument or option is outside what is documented.
 * - `invalid_gguf`: the bytes are not a well-formed GGUF file.
 * - `unsupported_format`: well-formed, but a version, tensor type, tokenizer or chat template that is not known.
 * - `unsupported_architecture`: `general.architecture` names a model that cannot be run.
 * - `invalid_model`: metadata or tensors are missing or misshapen.
 * - `out_of_memory`: an allocation was refused; the message has the bytes wanted and available.
 * - `context_overflow`: the prompt does not fit the context.
 * - `io`: the source failed or ended early.
 * - `source_consumed`: bytes are needed again from a source that can be read only once.
 * - `cancelled`: the caller stopped the work.
 * - `busy`: the model is generating.
 * - `closed`: the model was freed, or its instance was discarded after an error.
 * - `worker_lost`: a thread stopped making progress.
 * - `internal`: a bug in wasm-chord; the model's instance was discarded.
 * - `invalid_session`: the bytes are no saved session, damaged, or of another model or `kvType`.
 *
 * And those that only the package has:
 *
 * - `network`: a server refused, with its HTTP status in the message, or could not be reached however often it was tried.
 * - `integrity`: the bytes are not those that were expected: another size or hash, or a file that changed meanwhile.
 * - `quota`: the cache has no room; the message has the bytes wanted and available.
 * - `not_initialized`: `await init()` has not been called.
 * - `unsupported_engine`: this JavaScript engine lacks what the modules need (SIMD).
 * - `unsupported_field`: part of a request that would change the answer, and is not supported; the message names it.
 * - `gpu_unavailable`: there is no WebGPU here, or this build has no code for it.
 * - `gpu_no_adapter`: WebGPU found no GPU.
 * - `gpu_software_adapter`: the only adapter computes on the CPU, and that was not asked for.
 * - `gpu_limit`: a limit of the GPU is too small; the message has both numbers.
 * - `gpu_device_failed`: the GPU refused a device.
 * - `gpu_self_test_failed`: a kernel computes wrong results on this GPU; the message names it.
 * - `gpu_lost`: the GPU went away; load the model again.
 */
export type ChordErrorCode =
  | CoreErrorCode
  | 'network'
  | 'integrity'
  | 'quota'
  | 'not_initialized'
  | 'unsupported_engine'
  | 'unsupported_field'
  | 'gpu_unavailable'
  | 'gpu_no_adapter'
  | 'gpu_software_adapter'
  | 'gpu_limit'
  | 'gpu_device_failed'
  | 'gpu_self_test_failed'
  | 'gpu_lost';

/** Everything that the package throws or rejects with. */
export class ChordError extends Error {
  readonly code: ChordErrorCode;

  constructor(code: ChordErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ChordError';
    this.code = code;
  }
}

/** The name of a chord_code other than CHORD_OK. */
export function coreErrorCode(code: number): CoreErrorCode {
  const name = chordCodeNames[code] ?? 'internal';
  return name === 'ok' ? 'internal' : name;
}

/** What an error that is not ours says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What a signal makes of the work that it ends. */
export function cancelled(signal: AbortSignal): ChordError {
  return new ChordError('cancelled', 'the signal was aborted', { cause: signal.reason });
}

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw cancelled(signal);
}
