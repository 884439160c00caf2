// What to do about an error, by its code.

export interface Explanation {
  readonly title: string;
  readonly advice: string;
  /** The message itself. */
  readonly detail: string;
}

const loading: Readonly<Record<string, readonly [title: string, advice: string]>> = {
  invalid_gguf: [
    'This is not a model file',
    'Choose a file that ends in .gguf. If it is one, it may be damaged or incomplete: download it again.',
  ],
  unsupported_format: [
    'This kind of GGUF file is not supported',
    'Choose another quantization of the model: Q4_K_M, Q5_K_M, Q6_K, Q8_0 and F16 work.',
  ],
  unsupported_architecture: [
    'This kind of model is not supported',
    'Llama, Mistral, SmolLM2, Qwen2 and Qwen3 models work.',
  ],
  invalid_model: ['The model file is incomplete', 'Download it again, or choose another one.'],
  out_of_memory: [
    'There is not enough memory',
    'Close other tabs, or choose a smaller model or a smaller quantization of it.',
  ],
  io: ['The model could not be read', 'See that the address is right and that you are online, then try again.'],
  network: ['The download failed', 'See that the address is right and that you are online, then try again.'],
  integrity: ['The download is damaged', 'Try again: the damaged file is not used.'],
  quota: ['There is not enough disk space', 'Free some space, then try again.'],
  cancelled: ['The download was cancelled', 'Start it again when you like.'],
  unsupported_engine: ['This browser is too old', 'A current Chrome, Edge, Firefox or Safari works.'],
  worker_lost: ['The model stopped working', 'Load it again. If that happens again, a smaller model may do better.'],
  gpu_lost: ['The GPU went away', 'Load the model again, or choose the CPU in the settings.'],
};

/** Of a failure to load a model. */
export function explainLoading(error: unknown): Explanation {
  const { code, detail } = partsOf(error);
  const known = loading[code];
  if (known) return { title: known[0], advice: known[1], detail: code === 'cancelled' ? '' : detail };
  if (code.startsWith('gpu_')) {
    return {
      title: 'The GPU cannot run the model',
      advice: 'Choose “the GPU if it can, else the CPU” in the settings, then try again.',
      detail,
    };
  }
  return { title: 'The model could not be loaded', advice: 'Try again, or choose another model.', detail };
}

/** Of a failure to answer. */
export function explainAnswer(error: unknown): Explanation {
  const { code, detail } = partsOf(error);
  switch (code) {
    case 'context_overflow':
      return {
        title: 'The conversation is too long for this model',
        advice: 'Begin a new chat, or shorten the message, which is below again.',
        detail,
      };
    case 'closed':
    case 'gpu_lost':
    case 'worker_lost':
    case 'out_of_memory':
    case 'internal':
      return {
        title: 'The model stopped working',
        advice: 'Load it again; the conversation stays.',
        detail,
      };
    default:
      return { title: 'The answer failed', advice: 'Try again.', detail };
  }
}

/** Whether the same messages will fail again. */
export function isTooLong(error: unknown): boolean {
  return partsOf(error).code === 'context_overflow';
}

/** Whether the model has to be loaded again before it can answer. */
export function endsModel(error: unknown): boolean {
  const { code } = partsOf(error);
  return ['closed', 'gpu_lost', 'worker_lost', 'out_of_memory', 'internal'].includes(code);
}

function partsOf(error: unknown): { code: string; detail: string } {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  return { code, detail: error instanceof Error ? error.message : String(error) };
}
