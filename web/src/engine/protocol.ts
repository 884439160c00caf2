import type { LogitBias } from '../abi/generated.js';
import { ChordError, messageOf } from '../errors.js';
import type { ChordErrorCode } from '../errors.js';
import type { TextConstraint } from '../grammar/constraint.js';
import type { Variant } from '../host/modules.js';
import type { DownloadProgress, SourceOptions } from '../sources/options.js';
import type { ModelSource } from '../sources/source.js';
import type { EmbedSettings, Embedded } from './embed_options.js';
import type { EngineInfo, EngineOptions, GenerationResult, Piece } from './types.js';

/** What crosses from the caller's side to the engine's; `id` names the call that it belongs to. */
/** To an engine's thread in Node: that it ends by itself. */
export const endOfThread = 'end';

export type ToEngine =
  | {
      readonly type: 'load';
      readonly id: number;
      readonly source: SourceMessage;
      readonly files: FileOptions;
      readonly settings: LoadSettings;
    }
  | { readonly type: 'embed'; readonly id: number; readonly texts: readonly string[]; readonly settings: EmbedSettings }
  | {
      readonly type: 'generate';
      readonly id: number;
      readonly prompt: string;
      readonly settings: RunSettings;
      /** The caller's session that it goes on with, by number. */
      readonly session: number | undefined;
    }
  | { readonly type: 'save'; readonly id: number; readonly session: number }
  | {
      readonly type: 'restore';
      readonly id: number;
      readonly session: number;
      readonly saved: Uint8Array;
    }
  /** The session is no longer the caller's. */
  | { readonly type: 'release'; readonly session: number }
  /** So many more pieces are wanted. */
  | { readonly type: 'credit'; readonly id: number; readonly pieces: number }
  | { readonly type: 'cancel'; readonly id: number }
  /** The logits, as the caller's processor edited them. */
  | { readonly type: 'edited'; readonly id: number; readonly logits: Float32Array<ArrayBuffer> }
  | {
      readonly type: 'tokenize';
      readonly id: number;
      readonly text: string;
      readonly special: boolean;
      /** `prompt`: where a prompt would have it. */
      readonly bos: boolean | 'prompt';
    }
  | { readonly type: 'detokenize'; readonly id: number; readonly tokens: Int32Array; readonly special: boolean }
  | {
      readonly type: 'opened';
      readonly id: number;
      /** Of the file, or of each of a split model's files. */
      readonly sizes: readonly (number | undefined)[];
      readonly fromCache: boolean;
    }
  | { readonly type: 'done'; readonly id: number }
  | { readonly type: 'bytes'; readonly id: number; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly type: 'unreadable'; readonly id: number; readonly error: ErrorMessage };

/** What crosses from the engine's side to the caller's. */
export type FromEngine =
  /** The worker's script runs. */
  | { readonly type: 'started' }
  | { readonly type: 'progress'; readonly id: number; readonly progress: DownloadProgress }
  | { readonly type: 'compile'; readonly id: number; readonly done: number; readonly total: number }
  | { readonly type: 'loaded'; readonly id: number; readonly facts: ModelFacts }
  | { readonly type: 'piece'; readonly id: number; readonly piece: Piece }
  /** What the next token is sampled from, for the caller's processor to edit. */
  | { readonly type: 'logits'; readonly id: number; readonly logits: Float32Array<ArrayBuffer> }
  | { readonly type: 'finished'; readonly id: number; readonly outcome: Outcome; readonly facts: ModelFacts }
  | { readonly type: 'embedded'; readonly id: number; readonly embedded: Embedded }
  | { readonly type: 'saved'; readonly id: number; readonly saved: Uint8Array<ArrayBuffer> }
  | { readonly type: 'restored'; readonly id: number; readonly facts: ModelFacts }
  | { readonly type: 'tokens'; readonly id: number; readonly tokens: Int32Array }
  | { readonly type: 'text'; readonly id: number; readonly text: string }
  | { readonly type: 'failed'; readonly id: number; readonly error: ErrorMessage }
  /** What the engine's side wants of a file that only the caller can read. */
  | { readonly type: 'open'; readonly id: number }
  | {
      readonly type: 'read';
      readonly id: number;
      readonly file: number;
      readonly offset: number;
      readonly length: number;
    }
  | { readonly type: 'finish' | 'discard' | 'close'; readonly id: number };

/** Messages to one side, with what is moved and not copied. */
export interface Port<Message> {
  post(message: Message, transfer?: ArrayBuffer[]): void;
}

/** A source that the engine's side opens by itself, or `caller`: one that it asks the caller for. */
export type SourceMessage = { readonly kind: 'own'; readonly source: ModelSource } | { readonly kind: 'caller' };

/** How the engine's side reads files; `fetch` only where that is the caller's thread. */
export type FileOptions = Omit<SourceOptions, 'signal' | 'onProgress'>;

export interface LoadSettings {
  readonly device: NonNullable<EngineOptions['device']>;
  readonly softwareAdapter: boolean;
  readonly variant: Variant | undefined;
  readonly threads: number | undefined;
  readonly assets: string | undefined;
  /** 0: chosen here. */
  readonly contextLength: number;
  readonly kvType: NonNullable<EngineOptions['kvType']>;
  readonly memoryBudget: number | undefined;
}

/** How one text is generated, with every default filled in. */
export interface RunSettings {
  readonly seed: bigint;
  readonly maxTokens: number;
  readonly temperature: number;
  readonly topP: number;
  readonly topK: number;
  readonly minP: number;
  readonly repetitionPenalty: number;
  readonly frequencyPenalty: number;
  readonly presencePenalty: number;
  readonly penaltyWindow: number;
  readonly ignoreEos: boolean;
  readonly stopStrings: readonly string[];
  readonly stopTokens: readonly number[];
  readonly logitBiases: readonly LogitBias[];
  readonly logprobs: boolean;
  readonly topLogprobs: number;
  /** What the text has to follow. */
  readonly constraint: TextConstraint | undefined;
  readonly draftTokens: number;
  /** Whether the caller's processor edits the logits. */
  readonly processed: boolean;
}

/** What a file says about chats. */
export interface TemplateFacts {
  /** `tokenizer.chat_template` */
  readonly source: string | undefined;
  /** `tokenizer.chat_template.NAME` */
  readonly named: Readonly<Record<string, string>>;
  /** The text of the tokens that begin and end a text. */
  readonly bosToken: string | undefined;
  readonly eosToken: string | undefined;
}

export interface ModelFacts {
  readonly info: Omit<EngineInfo, 'worker' | 'workerReason'>;
  readonly template: TemplateFacts;
}

export type Outcome = Pick<GenerationResult, 'finishReason' | 'usage'> & {
  readonly timings: Omit<GenerationResult['timings'], 'queuedMs'>;
};

/** An error as it crosses. */
export interface ErrorMessage {
  readonly code: ChordErrorCode;
  readonly message: string;
  readonly cause: string | undefined;
}

export function toErrorMessage(error: unknown): ErrorMessage {
  if (!(error instanceof ChordError)) return { code: 'internal', message: messageOf(error), cause: undefined };
  const { code, message, cause } = error;
  return { code, message, cause: cause === undefined ? undefined : messageOf(cause) };
}

export function fromErrorMessage({ code, message, cause }: ErrorMessage): ChordError {
  return new ChordError(code, message, cause === undefined ? undefined : { cause });
}
