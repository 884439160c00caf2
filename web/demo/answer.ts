import type { ChatMessage, Engine } from 'wasm-chord';
import type { Settings } from './settings.js';

/** What came of one answer. */
export interface Summary {
  readonly finishReason: 'stop' | 'length' | 'context' | 'cancelled';
  readonly promptTokens: number;
  readonly reusedTokens: number;
  readonly answerTokens: number;
  readonly firstTokenMs: number;
  readonly prefillTokensPerSecond: number;
  readonly decodeTokensPerSecond: number;
}

/** Answers the messages; `onText` gets each piece. The signal ends the answer where it is. */
export async function answer(
  engine: Engine,
  messages: readonly ChatMessage[],
  { temperature, topP, maxTokens, seed }: Settings,
  signal: AbortSignal,
  onText: (text: string) => void,
): Promise<Summary> {
  const generation = engine.generate(messages, { temperature, topP, maxTokens, seed });
  const pieces = generation[Symbol.asyncIterator]();
  // Leaving the loop ends the work, and leaves a result to show.
  const stop = (): void => void pieces.return?.();
  signal.addEventListener('abort', stop);
  try {
    for (;;) {
      const next = await pieces.next();
      if (next.done === true || signal.aborted) break;
      if (next.value.text !== '') onText(next.value.text);
    }
    const { finishReason, usage, timings } = await generation.result;
    return {
      finishReason,
      promptTokens: usage.promptTokens,
      reusedTokens: usage.reusedTokens,
      answerTokens: usage.completionTokens,
      firstTokenMs: timings.firstTokenMs,
      prefillTokensPerSecond: timings.prefillTokensPerSecond,
      decodeTokensPerSecond: timings.decodeTokensPerSecond,
    };
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
