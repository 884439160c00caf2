// What to do about an error, by its code.

export interface Explanation {
  readonly title: string;
  readonly advice: string;
  /** The message itself. */
  readonly detail: string;
}

/** A model that has nothing to say: it embeds texts. */
export class NoChat extends Error {
  readonly code = 'no_chat';
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
  no_chat: [
    'This model does not chat',
    'It turns texts into numbers, for search. Choose one that was made to chat, as “Instruct” in a name says.',
  ],
  invalid_model: ['The model file is incomplete', 'Download it again, or choose another one.'],
  out_of_memory: [
    'There is not enough memory',
    'Close other tabs, set a shorter context in the settings, or choose a smaller model.',
  ],
  io: ['The model could not be read', 'See that the address is right and that you are online, then try again.'],
  network: [
    'The download failed',
    'See that the address is right and that you are online, then try again. What has arrived is kept.',
  ],
  integrity: ['The download is damaged', 'Try again: the damaged file is not used.'],
  quota: [
    'There is not enough disk space',
    'Delete a model that is kept, under “Models”, or free some space, then try again.',
  ],
  cancelled: ['The download was cancelled', 'Go on when you like: what has arrived is kept.'],
  unsupported_engine: ['This browser is too old', 'A current Chrome, Edge, Firefox or Safari works.'],
  worker_lost: ['The model stopped working', 'Load it again. If that happens again, a smaller model may do better.'],
  invalid_api_key: ['The server wants an API key', 'Give the one that it was started with, under “Models”.'],
  server_away: ['The server does not answer', 'See that it runs, then try again.'],
  gpu_lost: ['The GPU went away', 'Load the model again, or choose the CPU in the settings.'],
};

/** Of a failure to load a model. */
export function explainLoading(error: unknown): Explanation {
  const { code, detail } = partsOf(error);
  if (code === 'network' && /HTTP status 40[13]/.test(detail)) {
    return {
      title: 'The server wants to know who asks',
      advice: 'The model is gated or private: give an access token that may read it, and try again.',
      detail,
    };
  }
  if (code === 'network' && /chord-tiny.*HTTP status 404/.test(detail)) {
    return { title: 'chord-tiny is not on this server', advice: 'Choose another model, or a file of yours.', detail };
  }
  const known = loading[code];
  if (known) return { title: known[0], advice: known[1], detail: code === 'cancelled' ? '' : detail };
  if (code.startsWith('gpu_')) {
    return {
      title: 'The GPU cannot run the model',
      advice: 'Choose “GPU, else CPU” in the settings, then try again.',
      detail,
    };
  }
  return { title: 'The model could not be loaded', advice: 'Try again, or choose another model.', detail };
}

/** Of a failure to answer. */
export function explainAnswer(error: unknown): Explanation {
  const { code, detail } = partsOf(error);
  if (isTooLong(error)) {
    return {
      title: 'The conversation is too long for this model',
      advice: 'Begin a new chat, or shorten the message, which is below again.',
      detail,
    };
  }
  if (endsModel(error)) {
    return { title: 'The model stopped working', advice: 'Load it again; the conversation stays.', detail };
  }
  if (isAboutTools(error)) {
    return { title: 'This model knows no tools', advice: 'Go on without them, or choose a model that does.', detail };
  }
  if (/^(the JSON schema|the grammar|response_format)/.test(detail)) {
    return {
      title: 'Answers cannot be held to this form',
      advice: 'Change it in the lab, or ask for free text.',
      detail,
    };
  }
  if (code === 'queue_full') return { title: 'The server is busy', advice: 'Try again in a moment.', detail };
  const known = code === 'server_away' || code === 'invalid_api_key' ? loading[code] : undefined;
  const [title, advice] = known ?? ['The answer failed', 'Try again.'];
  return { title, advice, detail };
}

/** Whether the same messages will fail again. */
export function isTooLong(error: unknown): boolean {
  return partsOf(error).code === 'context_overflow';
}

/** Whether it would be answered without tools. */
export function isAboutTools(error: unknown): boolean {
  const { code, detail } = partsOf(error);
  return code === 'unsupported_field' && detail.startsWith('tools');
}

/** Whether the server that answers wants a key. */
export function wantsKey(error: unknown): boolean {
  return partsOf(error).code === 'invalid_api_key';
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
