import type { ChatCompletionChunk, ChatCompletionCreateParamsStreaming, Engine } from 'wasm-chord';

/** What answers: a model in this page, or one of a server. */
export interface Talker {
  readonly name: string;
  /** Where it runs, in words. */
  readonly place: string;
  readonly architecture: string;
  readonly quantization: string;
  readonly parameters: number;
  readonly contextLength: number;
  /** Of a model in this page. */
  readonly engine: Engine | undefined;
  /** Answers in the conversation of that id. The signal ends it quietly. */
  answer(
    conversation: string,
    params: ChatCompletionCreateParamsStreaming,
    signal: AbortSignal,
  ): AsyncIterable<ChatCompletionChunk>;
  /** Keeps what the model holds of the conversation, `tokens` of them, for the next visit. */
  keep(conversation: string, tokens: number): void;
  dispose(): Promise<void>;
}
