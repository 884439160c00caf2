// An engine that says what it is told to, piece by piece.
import { ChordError } from '../src/errors.js';
import type { ChatMessage } from '../src/chat/messages.js';
import type { ChatTemplateOptions } from '../src/chat/template.js';
import type { EngineInfo, GenerateOptions, Generation, GenerationResult, Piece } from '../src/engine/types.js';

/** What the fake was asked for. */
export interface Call {
  readonly prompt: unknown;
  readonly options: GenerateOptions;
  /** Pieces that were asked for. */
  pieces: number;
  /** Whether the loop was left before the end. */
  left: boolean;
}

export interface Script {
  /** The pieces; a text stands for a token of its own, whose id is its place. */
  readonly pieces: readonly (string | Piece)[];
  readonly finishReason?: GenerationResult['finishReason'];
  readonly prompt?: string | ((options: ChatTemplateOptions) => string);
  /** What passes before a piece comes, by its place. */
  readonly pace?: (place: number) => Promise<void>;
  /** Special tokens by their text. */
  readonly special?: Readonly<Record<string, number>>;
}

const info: EngineInfo = {
  name: 'Fake',
  architecture: 'llama',
  quantization: 'F16',
  parameters: 0,
  vocabularySize: 0,
  embeddingLength: 0,
  pooling: 'none',
  generates: true,
  trainedContextLength: 0,
  contextLength: 0,
  conversations: 1,
  device: 'cpu',
  deviceReason: '',
  variant: 'simd128',
  threads: 1,
  memory: { weights: 0, kvCache: 0, scratch: 0, control: 0, total: 0 },
  worker: false,
  workerReason: '',
  hasChatTemplate: true,
  note: '',
};

function logprobOf(text: string, token: number): Pick<Piece, 'logprob' | 'bytes'> {
  return { logprob: -token, bytes: utf8(text) };
}

export function utf8(text: string): number[] {
  return Array.from(new TextEncoder().encode(text));
}

export class FakeEngine {
  readonly info = info;
  readonly calls: Call[] = [];
  readonly templates: { messages: readonly ChatMessage[]; options: ChatTemplateOptions | undefined }[] = [];
  readonly #script: Script;

  constructor(script: Script) {
    this.#script = script;
  }

  applyChatTemplate(messages: readonly ChatMessage[], options?: ChatTemplateOptions): Promise<string> {
    this.templates.push({ messages, options });
    const { prompt = 'prompt' } = this.#script;
    return Promise.resolve(typeof prompt === 'string' ? prompt : prompt(options ?? {}));
  }

  tokenize(text: string): Promise<Int32Array> {
    const token = this.#script.special?.[text];
    return Promise.resolve(token === undefined ? Int32Array.of(1, 2) : Int32Array.of(token));
  }

  detokenize(tokens: ArrayLike<number>): Promise<string> {
    if (Object.values(this.#script.special ?? {}).includes(tokens[0] ?? -1)) return Promise.resolve('');
    const piece = this.#script.pieces[tokens[0] ?? -1];
    return Promise.resolve(typeof piece === 'string' ? piece : `<${tokens[0] ?? ''}>`);
  }

  generate(prompt: unknown, options: GenerateOptions = {}): Generation {
    const call = { prompt, options, pieces: 0, left: false };
    this.calls.push(call);
    const pieces = this.#script.pieces.map((piece, token) =>
      typeof piece === 'string' ? { text: piece, token, ...(options.logprobs ? logprobOf(piece, token) : {}) } : piece,
    );
    const result: GenerationResult = {
      text: pieces.map(({ text }) => text).join(''),
      finishReason: this.#script.finishReason ?? 'stop',
      usage: { promptTokens: 7, completionTokens: pieces.length, reusedTokens: 3 },
      timings: { queuedMs: 1, firstTokenMs: 2, prefillTokensPerSecond: 3, decodeTokensPerSecond: 4 },
    };
    const { pace = () => Promise.resolve() } = this.#script;
    async function* run(): AsyncGenerator<Piece> {
      let ended = false;
      try {
        for (const [place, piece] of pieces.entries()) {
          await pace(place);
          if (options.signal?.aborted) throw new ChordError('cancelled', 'the signal was aborted');
          call.pieces += 1;
          yield piece;
        }
        ended = true;
      } finally {
        call.left = !ended;
      }
    }
    return {
      [Symbol.asyncIterator]: run,
      text: () => Promise.resolve(result.text),
      result: Promise.resolve(result),
    };
  }
}
