import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { randomBytes } from 'node:crypto';
import type { Engine } from 'wasm-chord';
import { modelName } from '../chat/response.js';
import { Access } from './access.js';
import type { AccessOptions } from './access.js';
import { Admission } from './admission.js';
import { readJson } from './body.js';
import { endpoints } from './endpoints.js';
import type { Endpoint } from './endpoints.js';
import { sendEvents } from './events.js';
import { HttpError, errorBody, httpErrorOf, loading, stopping } from './http_error.js';
import { sendPageFile } from './page_files.js';
import type { PageFiles } from './page_files.js';

export interface ServerOptions extends AccessOptions {
  /** Requests that may wait for the one that is worked on. */
  readonly queue: number;
  /** Milliseconds that a request may take, its waiting included; Infinity: any. */
  readonly timeoutMs: number;
  readonly maxBodyBytes: number;
  /** Milliseconds of silence in a stream until a comment is sent. */
  readonly heartbeatMs: number;
  readonly page: PageFiles;
  /** Gets a line for each request to the API that is over. */
  readonly log: (line: string) => void;
}

/** What is served of an engine. */
export type ServedEngine = Pick<Engine, 'chat' | 'completions' | 'embeddings' | 'info'>;

// A request's head and body have to arrive within this time.
const arrivalMs = 60_000;
// How often a server that stops looks for connections that have become idle.
const idleCheckMs = 50;

/** One request, and the signal that its work is of no use any more. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  readonly control: AbortController;
}

interface Route {
  readonly method: 'GET' | 'POST';
  readonly answer: (exchange: Exchange) => Promise<void> | void;
}

/** OpenAI's HTTP API over an engine, and a page beside it. It listens before there is an engine, and says so. */
export class ChordServer {
  readonly #options: ServerOptions;
  readonly #access: Access;
  readonly #admission: Admission;
  readonly #http: Server;
  readonly #routes: ReadonlyMap<string, Route>;
  readonly #working = new Set<AbortController>();
  readonly #created = Math.floor(Date.now() / 1000);
  #engine: ServedEngine | undefined;
  #stopping = false;
  #onIdle = (): void => undefined;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#access = new Access(options);
    this.#admission = new Admission(options.queue);
    this.#http = createServer({ requestTimeout: arrivalMs }, (request, response) => {
      void this.#serve(request, response);
    });
    this.#routes = new Map<string, Route>([
      [
        '/health',
        {
          method: 'GET',
          answer: (exchange) => {
            this.#health(exchange);
          },
        },
      ],
      [
        '/v1/models',
        {
          method: 'GET',
          answer: (exchange) => {
            this.#models(exchange);
          },
        },
      ],
      ...[...endpoints].map(([path, endpoint]): [string, Route] => [
        path,
        { method: 'POST', answer: (exchange) => this.#complete(endpoint, exchange) },
      ]),
      ...[...options.page].map(([path, file]): [string, Route] => [
        path,
        { method: 'GET', answer: ({ response }) => sendPageFile(response, file) },
      ]),
    ]);
  }

  /** Resolves to the port, which is another one than asked for only where that is 0. */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#http.once('error', reject);
      this.#http.listen(port, host, () => {
        const address = this.#http.address();
        resolve(typeof address === 'object' && address ? address.port : port);
      });
    });
  }

  /** From now on requests are answered. */
  begin(engine: ServedEngine): void {
    this.#engine = engine;
  }

  /** Takes no more requests, lets those that are under way come to their end for so long, and resolves. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    const closed = new Promise<void>((resolve) =>
      this.#http.close(() => {
        resolve();
      }),
    );
    const grace = setTimeout(() => {
      for (const control of this.#working) control.abort(stopping());
    }, graceMs);
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve;
      if (this.#working.size === 0) resolve();
    });
    clearTimeout(grace);
    const idle = setInterval(() => {
      this.#http.closeIdleConnections();
    }, idleCheckMs);
    const hurry = setTimeout(() => {
      this.#http.closeAllConnections();
    }, 10 * idleCheckMs);
    await closed;
    clearInterval(idle);
    clearTimeout(hurry);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const begin = performance.now();
    const [path = '/'] = (request.url ?? '/').split('?');
    const exchange = { request, response, path, control: new AbortController() };
    const { control } = exchange;
    // With the connection the work ends; after the answer there is none.
    response.on('close', () => {
      control.abort(new HttpError(499, 'client_closed', 'the client went away'));
    });
    response.setHeader('x-request-id', `req_${randomBytes(12).toString('hex')}`);
    this.#working.add(control);
    let { statusCode } = response;
    try {
      if (this.#stopping) throw stopping();
      await this.#route(exchange);
      ({ statusCode } = response);
    } catch (error) {
      const refused = httpErrorOf(error, control.signal);
      statusCode = refused.status;
      if (!response.headersSent && !response.destroyed)
        sendJson(response, statusCode, errorBody(refused), refused.headers);
    }
    this.#working.delete(control);
    if (this.#working.size === 0) this.#onIdle();
    if (!path.startsWith('/v1/')) return;
    // A stream that was cut short had begun with 200.
    const reason: unknown = control.signal.reason;
    const status = reason instanceof HttpError ? reason.status : statusCode;
    this.#options.log(`${request.method ?? ''} ${path} ${status} ${Math.round(performance.now() - begin)} ms`);
  }

  async #route(exchange: Exchange): Promise<void> {
    const { request, response, path } = exchange;
    this.#access.checkHost(request);
    if (this.#access.answerOrigin(request, response)) return;
    if (path.startsWith('/v1/')) this.#access.checkKey(request);
    const route = this.#routes.get(path) ?? this.#modelRoute(path);
    const { method = '' } = request;
    if (!route) throw new HttpError(404, 'unknown_url', `there is nothing at ${method} ${path}`);
    if ((method === 'HEAD' ? 'GET' : method) !== route.method) {
      const headers = { allow: route.method === 'GET' ? 'GET, HEAD' : route.method };
      throw new HttpError(405, 'method_not_allowed', `${path} takes ${route.method}, not ${method}`, { headers });
    }
    await route.answer(exchange);
  }

  #modelRoute(path: string): Route | undefined {
    const [, name] = /^\/v1\/models\/(.+)$/.exec(path) ?? [];
    return name === undefined
      ? undefined
      : {
          method: 'GET',
          answer: (exchange) => {
            this.#model(exchange, name);
          },
        };
  }

  #health({ response }: Exchange): void {
    const { running, waiting, limit } = this.#admission;
    const model = this.#engine && modelName(this.#engine.info);
    const status = model === undefined ? 'loading' : 'ok';
    sendJson(response, model === undefined ? 503 : 200, { status, model, queue: { running, waiting, limit } });
  }

  #models({ response }: Exchange): void {
    sendJson(response, 200, { object: 'list', data: [this.#card(this.#loaded())] });
  }

  #model({ response }: Exchange, name: string): void {
    const card = this.#card(this.#loaded());
    if (name !== encodeURIComponent(card.id) && name !== card.id) {
      throw new HttpError(
        404,
        'model_not_found',
        `there is no model '${name}'; the one that is served is '${card.id}'`,
      );
    }
    sendJson(response, 200, card);
  }

  #card({ info }: ServedEngine) {
    const { architecture, quantization, parameters, contextLength, device, generates } = info;
    return {
      id: modelName(info),
      object: 'model',
      created: this.#created,
      owned_by: 'wasm-chord',
      meta: { architecture, quantization, parameters, context_length: contextLength, device, generates },
    };
  }

  async #complete(endpoint: Endpoint, { request, response, control }: Exchange): Promise<void> {
    const engine = this.#loaded();
    const { maxBodyBytes, timeoutMs, heartbeatMs } = this.#options;
    const body = await readJson(request, maxBodyBytes);
    const leave = this.#admission.enter();
    const timer =
      timeoutMs < Infinity
        ? setTimeout(() => {
            control.abort(timedOut(timeoutMs));
          }, timeoutMs)
        : undefined;
    try {
      const { signal } = control;
      const answer = await endpoint(engine, body, { signal });
      if (isStream(answer)) await sendEvents(response, answer, heartbeatMs, signal);
      else sendJson(response, 200, answer);
    } finally {
      clearTimeout(timer);
      leave();
    }
  }

  #loaded(): ServedEngine {
    if (!this.#engine) throw loading();
    return this.#engine;
  }
}

function isStream(answer: unknown): answer is AsyncIterable<unknown> {
  return typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer;
}

function timedOut(ms: number): HttpError {
  const message = `the request took longer than the ${ms / 1000} s that it may (--timeout)`;
  // Another try would take as long.
  return new HttpError(504, 'timeout', message, { headers: { 'x-should-retry': 'false' } });
}

function sendJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const text = JSON.stringify(value);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}
