import { messageOf } from '../errors.js';

interface Details {
  /** The field of the request that is wrong. */
  readonly param?: string | undefined;
  /** Sent with the answer besides. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Why a request is not answered: an HTTP status, and what OpenAI's API says with it. */
export class HttpError extends Error {
  readonly status: number;
  readonly code: string;
  readonly param: string | null;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, { param, headers = {} }: Details = {}) {
    super(message);
    this.name = 'HttpError';
    this.status = status;
    this.code = code;
    this.param = param ?? null;
    this.headers = headers;
  }
}

/** The body of an answer with an error, and the data of an event that ends a stream with one. */
export interface ErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string;
  };
}

export function errorBody({ status, code, message, param }: HttpError): ErrorBody {
  return { error: { message, type: typeOf(status), param, code } };
}

function typeOf(status: number): string {
  if (status === 401) return 'authentication_error';
  if (status === 429) return 'rate_limit_error';
  return status < 500 ? 'invalid_request_error' : 'server_error';
}

// What is the request's own fault, or that of the model that it was sent to. Clients do not repeat these.
const refused: readonly string[] = ['invalid_argument', 'unsupported_field', 'unsupported_format', 'invalid_model'];

/** What is answered where `error` was thrown while a request was worked on. `signal` is that of the request. */
export function httpErrorOf(error: unknown, signal: AbortSignal): HttpError {
  if (error instanceof HttpError) return error;
  // Why it was aborted says more than that it was.
  if (signal.aborted && signal.reason instanceof HttpError) return signal.reason;
  const message = messageOf(error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'internal';
  if (refused.includes(code)) return new HttpError(400, code, message, { param: paramOf(message) });
  if (code === 'context_overflow') return new HttpError(400, 'context_length_exceeded', message);
  if (code === 'closed') return stopping();
  return new HttpError(500, code, message);
}

/** Messages about a request begin with the path of the field that is wrong: "messages[0].role is …". */
function paramOf(message: string): string | undefined {
  return /^([a-z_]+(?:\[\d+\]|\.[a-z_]+)*)(?: is | has | of |: )/.exec(message)?.[1];
}

export function loading(): HttpError {
  return new HttpError(503, 'loading', 'the model is being loaded: try again soon', {
    headers: { 'retry-after': '2' },
  });
}

export function stopping(): HttpError {
  return new HttpError(503, 'stopping', 'the server is stopping', { headers: { connection: 'close' } });
}
