import {
  candidateSize,
  chordEventNames,
  chordKvType,
  generationOptionsSize,
  logitBiasSize,
  pieceSize,
  readCandidate,
  readGenerationOptions,
  readPiece,
  readSessionInfo,
  sessionInfoSize,
  sessionOptionsSize,
  writeGenerationOptions,
  writeLogitBias,
  writeSessionOptions,
} from '../abi/generated.js';
import type {
  Candidate,
  ChordExports,
  GenerationOptions,
  LogitBias,
  SessionInfo,
  SessionOptions,
} from '../abi/generated.js';
import { ChordError } from '../errors.js';
import type { Core } from './core.js';
import type { Model } from './model.js';

type Lists = 'stops' | 'stopCount' | 'stopTokens' | 'stopTokenCount' | 'logitBiases' | 'logitBiasCount';

/** What of a generation's options is set; the core's defaults hold for the rest. */
export type GenerationSettings = Partial<Omit<GenerationOptions, Lists>> & {
  readonly stopStrings: readonly string[];
  readonly stopTokens?: readonly number[];
  readonly logitBiases?: readonly LogitBias[];
};

/** What a step made ready. */
export interface TokenPiece {
  readonly text: string;
  readonly token: number;
  readonly logprob: number;
}

export type StepEvent = (typeof chordEventNames)[number];

/**
 * Of a session with a context of so many tokens (0: the core's own choice), with the prompts computed in pieces that
 * suit the device.
 */
export function sessionOptions(
  contextLength: number,
  kvType: keyof typeof chordKvType,
  gpu: object | undefined,
): SessionOptions {
  return { contextLength, batchLength: gpu ? 512 : 0, kvType: chordKvType[kvType], overflow: 0, keep: 0 };
}

/** A chord_session of the core. */
export class Session {
  readonly #core: Core;
  readonly #address: number;

  constructor(model: Model, options: SessionOptions) {
    this.#core = model.core;
    this.#address = this.#core.withScratch((scratch) => {
      const out = scratch.allocate(4);
      const at = scratch.allocate(sessionOptionsSize);
      writeSessionOptions(this.#core.control.data, at, options);
      this.#core.check((x) => x.chord_session_new(model.address, at, out));
      return this.#core.control.data.getUint32(out, true);
    });
  }

  /** Calls the core with the session's address. */
  use<T>(call: (core: Core, address: number) => T): T {
    return call(this.#core, this.#address);
  }

  /** Begins a generation from the whole prompt. */
  generate(tokens: Int32Array, settings: GenerationSettings): void {
    const { stopStrings, stopTokens = [], logitBiases = [], ...values } = settings;
    this.#core.withScratch((scratch) => {
      const at = scratch.allocate(generationOptionsSize);
      const prompt = scratch.int32s(tokens);
      const stops = scratch.int32s(stopStrings.map((text) => scratch.cString(text)));
      const ends = scratch.int32s(stopTokens);
      const biases = scratch.allocate(logitBiases.length * logitBiasSize);
      for (const [index, bias] of logitBiases.entries()) {
        writeLogitBias(this.#core.control.data, biases + index * logitBiasSize, bias);
      }
      this.#core.invoke((x) => {
        x.chord_generation_defaults(at);
      });
      const defaults = readGenerationOptions(this.#core.control.data, at);
      writeGenerationOptions(this.#core.control.data, at, {
        ...defaults,
        ...values,
        stops,
        stopCount: stopStrings.length,
        stopTokens: ends,
        stopTokenCount: stopTokens.length,
        logitBiases: biases,
        logitBiasCount: logitBiases.length,
      });
      this.#core.check((x) => x.chord_generate(this.#address, prompt, tokens.length, at));
    });
  }

  /** Calls a function of the core that takes the session, and returns a chord_code. */
  check(call: (exports: ChordExports, session: number) => number): void {
    this.#core.check((x) => call(x, this.#address));
  }

  /** Works for about `budgetMs`, or until there is an event. */
  step(budgetMs: number): StepEvent {
    const event = this.#core.withScratch((scratch) => {
      const out = scratch.allocate(4);
      this.#core.check((x) => x.chord_step(this.#address, budgetMs, out));
      return chordEventNames[this.#core.control.data.getUint32(out, true)];
    });
    if (!event) throw new ChordError('internal', 'the core is of another version');
    return event;
  }

  /** The text that the last step made ready; it may be empty. */
  pieceText(): string {
    return this.piece().text;
  }

  piece(): TokenPiece {
    return this.#core.withScratch((scratch) => {
      const out = scratch.allocate(pieceSize);
      this.#core.check((x) => x.chord_get_piece(this.#address, out));
      const { text, length, token, logprob } = readPiece(this.#core.control.data, out);
      return { text: this.#core.control.text(text, length), token, logprob };
    });
  }

  /** The likeliest tokens at the place of the last step's token, at most `count`. */
  candidates(count: number): Candidate[] {
    return this.#core.withScratch((scratch) => {
      const [at, found] = [scratch.allocate(count * candidateSize), scratch.allocate(4)];
      this.#core.check((x) => x.chord_get_candidates(this.#address, at, count, found));
      const { data } = this.#core.control;
      const length = data.getUint32(found, true);
      return Array.from({ length }, (_, index) => readCandidate(data, at + index * candidateSize));
    });
  }

  /** Ends the running work, of which there must be some. What was computed stays cached. */
  cancel(): void {
    this.#core.invoke((x) => {
      x.chord_cancel(this.#address);
    });
    while (this.step(0) !== 'done');
  }

  /** Forgets the cached context. */
  clear(): void {
    this.#core.check((x) => x.chord_session_clear(this.#address));
  }

  info(): SessionInfo {
    return this.#core.withScratch((scratch) => {
      const out = scratch.allocate(sessionInfoSize);
      this.#core.check((x) => x.chord_session_get_info(this.#address, out));
      return readSessionInfo(this.#core.control.data, out);
    });
  }
}
