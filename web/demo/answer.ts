import type { ChatCompletionChunk, ChatMessage, Engine } from 'wasm-chord';
import type { Settings } from './settings.js';

/** What came of one answer. */
export interface Summary {
  readonly ending: 'stop' | 'length' | 'context' | 'stopped';
  readonly firstTokenMs: number;
  readonly decodeTokensPerSecond: number;
  /** Of an answer that came to its end. */
  readonly counts?: {
    readonly promptTokens: number;
    /** Of those, what earlier answers had left. */
    readonly reusedTokens: number;
    readonly answerTokens: number;
    readonly prefillTokensPerSecond: number;
  };
}

export interface Listener {
  readonly onReasoning: (text: string) => void;
  readonly onContent: (text: string) => void;
  /** With each of both. */
  readonly onSpeed: (tokensPerSecond: number) => void;
}

/** Answers the messages. The signal ends the answer where it is. */
export async function answer(
  engine: Engine,
  messages: readonly ChatMessage[],
  { temperature, topP, maxTokens, seed }: Settings,
  signal: AbortSignal,
  listener: Listener,
): Promise<Summary> {
  const called = performance.now();
  const stream = await engine.chat.completions.create({
    messages,
    temperature,
    top_p: topP,
    max_completion_tokens: maxTokens,
    seed: seed ?? null,
    stream: true,
    stream_options: { include_usage: true },
  });
  // Ends the loop quietly, unlike a signal.
  const stop = (): void => {
    stream.controller.abort();
  };
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  const pace = new Pace();
  let cutOff = false;
  let last: ChatCompletionChunk | undefined;
  try {
    for await (const chunk of stream) {
      last = chunk;
      const [choice] = chunk.choices;
      cutOff ||= choice?.finish_reason === 'length';
      const { reasoning_content: reasoning = '', content = '' } = choice?.delta ?? {};
      if (reasoning !== '') listener.onReasoning(reasoning);
      if (content !== '') listener.onContent(content);
      if (reasoning !== '' || content !== '') listener.onSpeed(pace.next());
    }
  } finally {
    signal.removeEventListener('abort', stop);
  }
  const { usage, timings } = last ?? {};
  if (!usage || !timings) {
    const firstTokenMs = pace.begin === 0 ? 0 : pace.begin - called;
    return { ending: 'stopped', firstTokenMs, decodeTokensPerSecond: pace.tokensPerSecond };
  }
  const isFull = usage.total_tokens >= engine.info.contextLength;
  return {
    ending: cutOff ? (isFull ? 'context' : 'length') : 'stop',
    firstTokenMs: timings.first_token_ms,
    decodeTokensPerSecond: timings.decode_tokens_per_second,
    counts: {
      promptTokens: usage.prompt_tokens,
      reusedTokens: usage.prompt_tokens_details.cached_tokens,
      answerTokens: usage.completion_tokens,
      prefillTokensPerSecond: timings.prefill_tokens_per_second,
    },
  };
}

/** How fast pieces come, which are a token each but for few. */
class Pace {
  /** When the first came; 0 before. */
  begin = 0;
  tokensPerSecond = 0;
  #pieces = 0;

  next(): number {
    const now = performance.now();
    if (this.begin === 0) this.begin = now;
    else this.tokensPerSecond = (++this.#pieces / Math.max(1, now - this.begin)) * 1000;
    return this.tokensPerSecond;
  }
}
