import { ChordError, messageOf } from '../errors.js';
import { openSource } from '../sources/open.js';
import type { SourceOptions } from '../sources/options.js';
import type { ByteSource, ModelSource } from '../sources/source.js';
import { toErrorMessage } from './protocol.js';
import type { FromEngine, ToEngine } from './protocol.js';

export type Question = Extract<FromEngine, { type: 'open' | 'read' | 'finish' | 'discard' | 'close' }>;

export function isQuestion(message: FromEngine): message is Question {
  return ['open', 'read', 'finish', 'discard', 'close'].includes(message.type);
}

/** The caller's side of a CallerSource: reads the file and sends its bytes. */
export class CallerFile {
  readonly #source: ModelSource;
  readonly #options: SourceOptions;
  readonly #post: (message: ToEngine, transfer?: ArrayBuffer[]) => void;
  #opened: ByteSource | undefined;

  constructor(
    source: ModelSource,
    options: SourceOptions,
    post: (message: ToEngine, transfer?: ArrayBuffer[]) => void,
  ) {
    this.#source = source;
    this.#options = options;
    this.#post = post;
  }

  answer(question: Question): void {
    this.#answer(question).catch((cause: unknown) => {
      const error =
        cause instanceof ChordError ? cause : new ChordError('io', `the source failed: ${messageOf(cause)}`, { cause });
      this.#post({ type: 'unreadable', id: question.id, error: toErrorMessage(error) });
    });
  }

  async #answer(question: Question): Promise<void> {
    const { id } = question;
    switch (question.type) {
      case 'open': {
        const opened = (this.#opened = await openSource(this.#source, this.#options));
        const sizes = (opened.shards ?? [opened]).map(({ size }) => size);
        this.#post({ type: 'opened', id, sizes, fromCache: opened.fromCache === true });
        return;
      }
      case 'read': {
        const bytes = new Uint8Array(question.length);
        const file = this.#opened?.shards?.[question.file] ?? this.#opened;
        const length = (await file?.read(question.offset, bytes)) ?? 0;
        this.#post({ type: 'bytes', id, bytes: bytes.subarray(0, length) }, [bytes.buffer]);
        return;
      }
      case 'finish':
      case 'discard':
        await this.#opened?.[question.type]?.();
        this.#post({ type: 'done', id });
        return;
      case 'close':
        await this.close();
    }
  }

  async close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    await opened?.close();
  }
}
