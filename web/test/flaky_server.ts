import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** How one request is answered; what is left out, well. */
export interface Answer {
  readonly status?: number;
  readonly headers?: Record<string, string | undefined>;
  /** Whether Range is obeyed. Default: true. */
  readonly ranges?: boolean;
  /** The connection breaks after so many bytes of the body. */
  readonly cutAfter?: number;
  /** Or says no more, and stays open. */
  readonly stallAfter?: number;
  /** Milliseconds between two pieces. */
  readonly pause?: number;
  readonly body?: Uint8Array;
}

export interface FlakyServer {
  readonly origin: string;
  /** The method, path and Range of each request. */
  readonly requests: string[];
  readonly headers: IncomingMessage['headers'][];
  /** How many responses are under way, and the most there were at a time. */
  readonly active: { now: number; most: number };
  answer: (request: IncomingMessage, index: number) => Answer;
  close(): void;
}

/** A server of one file on the loopback interface, which behaves as badly as `answer` says. */
export async function flakyServer(file: Uint8Array): Promise<FlakyServer> {
  const active = { now: 0, most: 0 };
  const server = createServer((request, response) => {
    const index = flaky.requests.length;
    flaky.requests.push([request.method, request.url, request.headers.range].filter(Boolean).join(' '));
    flaky.headers.push(request.headers);
    active.most = Math.max(active.most, ++active.now);
    response.on('close', () => active.now--);
    void respond(request, response, flaky.answer(request, index), file);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const flaky: FlakyServer = {
    origin: `http://127.0.0.1:${port ?? 0}`,
    requests: [],
    headers: [],
    active,
    answer: () => ({}),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
  return flaky;
}

async function respond(request: IncomingMessage, response: ServerResponse, answer: Answer, file: Uint8Array) {
  const { ranges = true, body = file, status } = answer;
  const ifRange = request.headers['if-range'];
  const etag = answer.headers && 'etag' in answer.headers ? answer.headers['etag'] : '"one"';
  const obeys = ranges && (ifRange === undefined || ifRange === etag);
  const range = obeys ? /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') : null;
  const start = range ? Number(range[1]) : 0;
  const end = range?.[2] ? Math.min(Number(range[2]) + 1, body.length) : body.length;
  if (status !== undefined && status >= 300) {
    response.writeHead(status, { ...answer.headers }).end();
    return;
  }
  if (range && start >= body.length) {
    response.writeHead(416, { 'content-range': `bytes */${body.length}` }).end();
    return;
  }
  const headers: Record<string, string | undefined> = {
    'content-length': String(end - start),
    etag,
    ...(ranges && { 'accept-ranges': 'bytes' }),
    ...(range && { 'content-range': `bytes ${start}-${end - 1}/${body.length}` }),
    ...answer.headers,
  };
  const shown = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined);
  response.writeHead(status ?? (range ? 206 : 200), Object.fromEntries(shown));
  const limit = Math.min(end, start + (answer.cutAfter ?? answer.stallAfter ?? Infinity));
  for (let at = start; at < limit && !response.destroyed; at += 65536) {
    await new Promise((resolve) => response.write(body.subarray(at, Math.min(at + 65536, limit)), resolve));
    if (answer.pause !== undefined) await new Promise((resolve) => setTimeout(resolve, answer.pause));
  }
  if (answer.stallAfter !== undefined) return;
  if (answer.cutAfter === undefined) {
    response.end();
    return;
  }
  // What was written arrives first, which destroying the socket would not wait for, and is read before the error, at
  // which a browser forgets what waits to be read.
  await new Promise((resolve) => setTimeout(resolve, 200));
  response.socket?.end();
}
