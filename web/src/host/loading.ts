import { ChordError, messageOf, throwIfAborted } from '../errors.js';
import type { ByteSource } from '../sources/source.js';
import type { Model } from './model.js';
import { Pace } from './pace.js';

/**
 * Copies what the core wants from a buffer, request by request. Whoever drives it may stop between two of them;
 * another run goes on from there.
 */
export function* feedBuffer(model: Model, bytes: Uint8Array): Generator<void, void> {
  for (let wanted = model.want(); wanted; wanted = model.want()) {
    if (wanted.file > 0) throw splitOver(wanted.file + 1, 1);
    const part = bytes.subarray(wanted.offset, wanted.offset + wanted.target.length);
    wanted.target.set(part);
    model.supply(part.length);
    yield;
  }
}

/** As `feedBuffer`, to the end. */
export function feedBufferAtOnce(model: Model, bytes: Uint8Array): void {
  const run = feedBuffer(model, bytes);
  while (run.next().done !== true);
}

export interface FeedOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((loaded: number, total: number | undefined) => void) | undefined;
}

/** How far each file has been read: the header, and later the weights, in runs of their own. */
const loadedOf = new WeakMap<ByteSource, number[]>();

/** Puts what the core wants from a source straight into its place, and lets the event loop run meanwhile. */
export async function feed(model: Model, source: ByteSource, options: FeedOptions): Promise<void> {
  const pace = new Pace();
  const files = source.shards ?? [source];
  const loaded = loadedOf.get(source) ?? files.map(() => 0);
  loadedOf.set(source, loaded);
  for (let wanted = model.want(); wanted; wanted = model.want()) {
    const { file, offset, target } = wanted;
    const from = files[file];
    if (!from) throw splitOver(file + 1, files.length);
    const length = await read(from, offset, target, options.signal);
    model.supply(length);
    loaded[file] = offset + length;
    options.onProgress?.(
      loaded.reduce((sum, bytes) => sum + bytes),
      source.size,
    );
    await pace.keep();
  }
}

async function read(
  source: ByteSource,
  offset: number,
  target: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<number> {
  throwIfAborted(signal);
  try {
    return await source.read(offset, target);
  } catch (cause) {
    throwIfAborted(signal);
    if (cause instanceof ChordError) throw cause;
    throw new ChordError('io', `reading ${target.length} bytes at ${offset} failed: ${messageOf(cause)}`, { cause });
  }
}

function splitOver(wanted: number, given: number): ChordError {
  return new ChordError(
    'invalid_argument',
    `the model is split over several files: number ${wanted} is wanted, and ${given === 1 ? 'one was' : `${given} were`} ` +
      'given; load() takes all of them as an array, or the URL or path of the first, named …-00001-of-….gguf',
  );
}
