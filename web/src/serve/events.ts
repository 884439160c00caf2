import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { errorBody, httpErrorOf } from './http_error.js';

const head = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
  // nginx would hold events back.
  'x-accel-buffering': 'no',
};

/**
 * Sends chunks as server-sent events, as fast as they are taken, and `[DONE]` at the end. The head goes out with the
 * first chunk, so that what fails before has a status of its own, or with the first comment: one is sent whenever there
 * was nothing to send for `heartbeatMs`, so that nobody takes the connection for dead. What fails after the head is an
 * event with the error, and the last one.
 */
export async function sendEvents(
  response: ServerResponse,
  chunks: AsyncIterable<unknown>,
  heartbeatMs: number,
  signal: AbortSignal,
): Promise<void> {
  let sentAt = performance.now();
  const write = (text: string): boolean => {
    sentAt = performance.now();
    if (!response.headersSent) response.writeHead(200, head);
    return response.write(text);
  };
  const beat = setInterval(() => {
    if (performance.now() - sentAt >= heartbeatMs && !response.writableNeedDrain) write(': still working\n\n');
  }, heartbeatMs / 2);
  try {
    for await (const chunk of chunks) {
      if (!write(`data: ${JSON.stringify(chunk)}\n\n`)) await once(response, 'drain', { signal });
    }
    write('data: [DONE]\n\n');
  } catch (error) {
    if (!response.headersSent) throw error;
    if (!response.destroyed) write(`data: ${JSON.stringify(errorBody(httpErrorOf(error, signal)))}\n\n`);
  } finally {
    clearInterval(beat);
  }
  response.end();
}
