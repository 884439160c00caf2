import { platform } from '#platform';
import { ChordError, messageOf, throwIfAborted } from '../errors.js';
import type { ByteSource } from '../sources/source.js';
import type { Model } from './model.js';

/**
 * Copies what the core wants from a buffer, request by request. Whoever drives it may stop between two of them;
 * another run goes on from there.
 */
export function* feedBuffer(model: Model, bytes: Uint8Array): Generator<void, void> {
  for (let wanted = model.want(); wanted; wanted = model.want()) {
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

/** Lets the event loop run when the last time was long ago. */
export class Pace {
  #last = performance.now();

  async keep(): Promise<void> {
    if (performance.now() - this.#last < 10) return;
    await platform.nextTask();
    this.#last = performance.now();
  }
}

export interface FeedOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((loaded: number, total: number | undefined) => void) | undefined;
}

/** Puts what the core wants from a source straight into its place, and lets the event loop run meanwhile. */
export async function feed(model: Model, source: ByteSource, options: FeedOptions): Promise<void> {
  const pace = new Pace();
  for (let wanted = model.want(); wanted; wanted = model.want()) {
    const { offset, target } = wanted;
    const length = await read(source, offset, target, options.signal);
    model.supply(length);
    options.onProgress?.(offset + length, source.size);
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
