import { messageOf } from '../errors.js';
import type { Client } from './client.js';
import type { FromEngine } from './protocol.js';
import type { LogitProcessor } from './types.js';

/** A generation's logits, edited by the caller's function as they come. */
export class Processing {
  readonly #processor: LogitProcessor;
  readonly #client: Client;
  readonly #generated: number[] = [];
  #failure: Error | undefined;

  constructor(processor: LogitProcessor, client: Client) {
    this.#processor = processor;
    this.#client = client;
  }

  /** What the engine's side says of the generation. */
  receive(message: FromEngine): void {
    if (message.type === 'piece' && message.piece.token >= 0) this.#generated.push(message.piece.token);
    if (message.type === 'logits') void this.#edit(message.id, message.logits);
  }

  /** Throws what the function threw. */
  throwFailure(): void {
    if (this.#failure) throw this.#failure;
  }

  async #edit(id: number, logits: Float32Array<ArrayBuffer>): Promise<void> {
    try {
      await this.#processor(logits, this.#generated);
      this.#client.post({ type: 'edited', id, logits }, [logits.buffer]);
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(messageOf(error));
      this.#client.post({ type: 'cancel', id });
    }
  }
}
