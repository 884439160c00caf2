// The model of the server that the page comes from.
import type { ChatCompletionChunk, ChatCompletionCreateParamsStreaming } from 'wasm-chord';
import type { Choice } from './choice.js';
import type { Talker } from './talker.js';
import { NoChat } from '../explain.js';
import { isRecord, listIn, numberIn, textIn } from '../ui/values.js';

/** Where its API is; `wasm-chord serve` writes that into the page. */
const api = document.querySelector<HTMLMetaElement>('meta[name=wasm-chord-server]')?.content;

export const serverChoice: Choice | undefined =
  api === undefined
    ? undefined
    : { name: 'the model of this server', source: new URL(api, document.baseURI).href, from: 'server' };

const loadingMs = 1000;

class ServerError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

interface Card {
  readonly name: string;
  readonly architecture: string;
  readonly quantization: string;
  readonly parameters: number;
  readonly contextLength: number;
}

export class ServerModel implements Talker {
  readonly name: string;
  readonly place = `server at ${location.host}`;
  readonly architecture: string;
  readonly quantization: string;
  readonly parameters: number;
  readonly contextLength: number;
  readonly engine = undefined;
  readonly #url: string;
  readonly #key: string | undefined;

  private constructor(url: string, key: string | undefined, card: Card) {
    this.#url = url;
    this.#key = key;
    this.name = card.name;
    this.architecture = card.architecture;
    this.quantization = card.quantization;
    this.parameters = card.parameters;
    this.contextLength = card.contextLength;
  }

  /** Asks the server what it has; while the model is being loaded there, again and again. */
  static async open({ source, token: key }: Choice, signal: AbortSignal): Promise<ServerModel> {
    const url = typeof source === 'string' ? source : '';
    for (;;) {
      try {
        const [card] = listIn(await (await ask(`${url}models`, key, { signal })).json(), 'data');
        return new ServerModel(url, key, cardOf(card));
      } catch (error) {
        if (!(error instanceof ServerError) || error.code !== 'loading') throw error;
        await new Promise((resolve) => setTimeout(resolve, loadingMs));
      }
    }
  }

  async *answer(
    _conversation: string,
    params: ChatCompletionCreateParamsStreaming,
    signal: AbortSignal,
  ): AsyncGenerator<ChatCompletionChunk> {
    const headers = { 'content-type': 'application/json' };
    try {
      const init = { method: 'POST', headers, body: JSON.stringify(params), signal };
      const { body } = await ask(`${this.#url}chat/completions`, this.#key, init);
      if (body) yield* chunksOf(body);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  keep(): void {
    // The server keeps its conversations by itself.
  }

  dispose(): Promise<void> {
    return Promise.resolve();
  }
}

async function ask(url: string, key: string | undefined, init: RequestInit): Promise<Response> {
  const headers = new Headers(init.headers);
  if (key !== undefined) headers.set('authorization', `Bearer ${key}`);
  const response = await fetch(url, { ...init, headers }).catch((cause: unknown) => {
    init.signal?.throwIfAborted();
    throw new ServerError('server_away', `there is no answer from ${url}`, { cause });
  });
  if (response.ok) return response;
  const said: unknown = await response.json().catch(() => undefined);
  throw errorIn(said) ?? new ServerError('server_error', `${url}: HTTP status ${response.status}`);
}

/** What an error's body says; undefined where it is none. */
function errorIn(value: unknown): ServerError | undefined {
  const error = isRecord(value) ? value['error'] : undefined;
  if (error === undefined) return undefined;
  const code = textIn(error, 'code') ?? 'server_error';
  // As an engine in this page calls it.
  return new ServerError(
    code === 'context_length_exceeded' ? 'context_overflow' : code,
    textIn(error, 'message') ?? '',
  );
}

function cardOf(value: unknown): Card {
  const meta = isRecord(value) ? value['meta'] : undefined;
  const name = textIn(value, 'id') ?? '';
  if (isRecord(meta) && meta['generates'] === false) throw new NoChat(`${name} is an encoder`);
  return {
    name,
    architecture: textIn(meta, 'architecture') ?? '',
    quantization: textIn(meta, 'quantization') ?? '',
    parameters: numberIn(meta, 'parameters') ?? 0,
    contextLength: numberIn(meta, 'context_length') ?? 0,
  };
}

/** The chunks of server-sent events. */
async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<ChatCompletionChunk> {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let text = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) throw new ServerError('server_away', 'the server ended the answer before it was complete');
      const lines = (text + decoder.decode(value, { stream: true })).split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) {
        if (!line.startsWith('data: ')) continue;
        if (line === 'data: [DONE]') return;
        const event: unknown = JSON.parse(line.slice('data: '.length));
        if (isChunk(event)) yield event;
        else throw errorIn(event) ?? new ServerError('server_error', `the server sent ${line}`);
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function isChunk(value: unknown): value is ChatCompletionChunk {
  return isRecord(value) && Array.isArray(value['choices']);
}
