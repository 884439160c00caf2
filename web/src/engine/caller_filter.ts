import type { LogitFilter } from './filter.js';

/** The caller's logit processor as the engine's side sees it: the rows travel to the caller and back. */
export class CallerFilter implements LogitFilter {
  readonly #send: (logits: Float32Array<ArrayBuffer>) => void;
  #resolve: ((logits: Float32Array) => void) | undefined;

  constructor(send: (logits: Float32Array<ArrayBuffer>) => void) {
    this.#send = send;
  }

  apply(logits: Float32Array): Promise<Float32Array> {
    return new Promise((resolve) => {
      this.#resolve = resolve;
      this.#send(new Float32Array(logits));
    });
  }

  /** The row has come back; or an empty one, where none will. */
  receive(logits: Float32Array): void {
    this.#resolve?.(logits);
  }

  // Its tokens are in the pieces that the caller gets.
  accept(): void {}
}
