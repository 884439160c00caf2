import { ChordError, messageOf } from '../errors.js';
import { isQuestion } from './caller_file.js';
import type { CallerFile } from './caller_file.js';
import { fromErrorMessage } from './protocol.js';
import type { FromEngine, ToEngine } from './protocol.js';
import type { Link, Listener } from './link.js';

/** What becomes of a call. */
interface Call {
  /** Gets the messages of the call; true: it was the last. */
  receive(message: FromEngine): boolean;
  fail(error: ChordError): void;
}

/** The caller's calls that are under way, over one link. */
export class Client implements Listener {
  readonly #calls = new Map<number, Call>();
  #link: Link | undefined;
  #file: CallerFile | undefined;
  #ended: ChordError | undefined;
  #nextId = 1;
  #gone = Promise.resolve();

  attach(link: Link): void {
    this.#link = link;
    link.keepAlive(false);
  }

  /** Reads the file for the engine's side, whenever it asks. */
  serve(file: CallerFile): void {
    this.#file = file;
  }

  /**
   * Sends a message, and resolves to what `take` makes of one of those that answer it: undefined means that more
   * follow. `onSent`: under what number it went.
   */
  call<Result>(
    message: (id: number) => ToEngine,
    take: (answer: FromEngine) => { readonly result: Result } | undefined,
    onSent?: (id: number) => void,
  ): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (this.#ended) {
        reject(this.#ended);
        return;
      }
      const id = this.#nextId++;
      this.#calls.set(id, {
        receive: (answer) => {
          try {
            const taken = take(answer);
            if (taken) resolve(taken.result);
            return taken !== undefined;
          } catch (error) {
            // A callback of the caller's own threw.
            reject(error instanceof Error ? error : new Error(messageOf(error)));
            return true;
          }
        },
        fail: reject,
      });
      this.#link?.keepAlive(true);
      this.post(message(id));
      onSent?.(id);
    });
  }

  post(message: ToEngine, transfer?: ArrayBuffer[]): void {
    if (!this.#ended) this.#link?.post(message, transfer);
  }

  receive(message: FromEngine): void {
    if (message.type === 'started') return;
    if (isQuestion(message)) {
      this.#file?.answer(message);
      return;
    }
    const call = this.#calls.get(message.id);
    if (message.type === 'failed') call?.fail(fromErrorMessage(message.error));
    else if (call?.receive(message) !== true) return;
    this.#calls.delete(message.id);
    if (this.#calls.size === 0) this.#link?.keepAlive(false);
  }

  lost(cause: Error): void {
    const message = `the worker that ran the engine is gone (${cause.message}): load the model again`;
    void this.end(new ChordError('worker_lost', message, { cause }));
  }

  /** Ends the engine's side, and resolves when it is gone; whatever waits, or is called later, rejects with `error`. */
  end(error: ChordError): Promise<void> {
    if (this.#ended) return this.#gone;
    this.#ended = error;
    if (this.#link) this.#gone = this.#link.end();
    void this.#file?.close().catch(() => undefined);
    for (const call of this.#calls.values()) call.fail(error);
    this.#calls.clear();
    return this.#gone;
  }
}
