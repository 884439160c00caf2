import type { GenerationResult } from 'wasm-chord';

/** What a generation took, in one line. */
export function speeds({ usage, timings }: GenerationResult): string {
  const reused = usage.reusedTokens > 0 ? `, ${usage.reusedTokens} of them known` : '';
  const prompt = `${usage.promptTokens} tokens of prompt${reused} (${timings.prefillTokensPerSecond.toFixed(1)} tok/s)`;
  const answer = `${usage.completionTokens} generated (${timings.decodeTokensPerSecond.toFixed(1)} tok/s)`;
  return `${prompt}, first token after ${timings.firstTokenMs.toFixed(0)} ms, ${answer}`;
}
