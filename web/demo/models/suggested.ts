/** Repositories with small models for a start: what is in them is asked when one is chosen. */
export const suggested = [
  { name: 'SmolLM2 360M', repo: 'HuggingFaceTB/SmolLM2-360M-Instruct-GGUF', about: 'small and quick, English' },
  { name: 'Qwen3 0.6B', repo: 'Qwen/Qwen3-0.6B-GGUF', about: 'thinks first, knows tools' },
  { name: 'Llama 3.2 1B', repo: 'bartowski/Llama-3.2-1B-Instruct-GGUF', about: 'a good talker, knows tools' },
] as const;
