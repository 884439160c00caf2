import { cancelled } from '../errors.js';
import type { ByteSource } from '../sources/source.js';
import { fromErrorMessage } from './protocol.js';
import type { FromEngine, ToEngine } from './protocol.js';

type Answer = Extract<ToEngine, { type: 'opened' | 'bytes' | 'done' | 'unreadable' }>;

/** A file that only the caller's side can read, such as a `read()` of the caller's own: asked for piece by piece. */
export class CallerSource {
  readonly #id: number;
  readonly #post: (message: FromEngine) => void;
  #waiting: { resolve(answer: Answer): void; reject(error: Error): void } | undefined;

  constructor(id: number, post: (message: FromEngine) => void) {
    this.#id = id;
    this.#post = post;
  }

  async open(signal: AbortSignal | undefined): Promise<ByteSource> {
    const id = this.#id;
    const opened = await this.#ask({ type: 'open', id }, signal);
    const sizes = opened.type === 'opened' ? opened.sizes : [];
    const reader =
      (file: number): ByteSource['read'] =>
      async (offset, target) => {
        const answer = await this.#ask({ type: 'read', id, file, offset, length: target.length }, signal);
        if (answer.type !== 'bytes') return 0;
        target.set(answer.bytes);
        return answer.bytes.length;
      };
    return {
      size: sizes.length === 1 ? sizes[0] : undefined,
      shards:
        sizes.length > 1
          ? sizes.map((size, file) => ({ size, read: reader(file), close: () => undefined }))
          : undefined,
      fromCache: opened.type === 'opened' && opened.fromCache,
      read: reader(0),
      finish: async () => {
        await this.#ask({ type: 'finish', id }, signal);
      },
      discard: async () => {
        await this.#ask({ type: 'discard', id }, signal);
      },
      close: () => {
        this.#post({ type: 'close', id });
      },
    };
  }

  receive(answer: Answer): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (answer.type === 'unreadable') waiting?.reject(fromErrorMessage(answer.error));
    else waiting?.resolve(answer);
  }

  // One question at a time. What is still answered after an abort finds nobody waiting.
  #ask(question: FromEngine, signal: AbortSignal | undefined): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        this.#waiting = undefined;
        if (signal) reject(cancelled(signal));
      };
      const done = (): void => {
        signal?.removeEventListener('abort', abort);
      };
      this.#waiting = {
        resolve: (answer) => {
          done();
          resolve(answer);
        },
        reject: (error) => {
          done();
          reject(error);
        },
      };
      signal?.addEventListener('abort', abort);
      this.#post(question);
    });
  }
}
