import type { IncomingMessage } from 'node:http';
import { messageOf } from '../errors.js';
import { HttpError } from './http_error.js';

// A client hears that its request is too large when it has sent it, unless it is larger than this many times the limit.
const patience = 16;

/**
 * The JSON of a request. Throws 415 for another type, which a page of any origin could send without asking; 413 above
 * `maxBytes`; and 400 for what is not JSON.
 */
export async function readJson(request: IncomingMessage, maxBytes: number): Promise<unknown> {
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    throw new HttpError(415, 'unsupported_media_type', `Content-Type is '${type}'; it must be application/json`);
  }
  const bytes = await readBytes(request, maxBytes);
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return value;
  } catch (error) {
    throw new HttpError(400, 'invalid_json', `the body is not JSON: ${messageOf(error)}`);
  }
}

function readBytes(request: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const tooLarge = (size: number): HttpError =>
    new HttpError(
      413,
      'request_too_large',
      `the body has ${size} bytes or more; the limit is ${maxBytes} (--max-body)`,
      {
        headers: { connection: 'close' },
      },
    );
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > maxBytes * patience) return Promise.reject(tooLarge(declared));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBytes) chunks.push(chunk);
      else if (size > maxBytes * patience) reject(tooLarge(size));
    });
    request.on('end', () => {
      if (size > maxBytes) reject(tooLarge(size));
      else resolve(Buffer.concat(chunks));
    });
    request.on('error', reject);
    // Not all of it came.
    request.on('close', () => {
      reject(new HttpError(400, 'incomplete', `the connection ended after ${size} bytes of the body`));
    });
  });
}
