import { isLoopback } from '../serve/access.js';
import { pageFiles } from '../serve/page_files.js';
import { ChordServer } from '../serve/server.js';
import { modelOptions, modelUsage, openEngine } from './model.js';
import { UsageError, parse, wholeNumber } from './usage.js';

export const serveUsage = `usage: wasm-chord serve MODEL [options]

Answers requests in the shapes of OpenAI's HTTP API: /v1/chat/completions, /v1/completions, /v1/embeddings, /v1/models;
and /health. A page for chats with the model is at /. Ctrl-C lets requests that are under way come to their end for ten
seconds; a second one does not.
${modelUsage}
  --host HOST               where it listens (127.0.0.1: this machine alone can reach it)
  --port N                  0: any that is free (8080)
  --api-key KEY             what requests must bring, as a bearer token; or WASM_CHORD_API_KEY in the environment, which
                            other users of the machine do not see (none)
  --cors ORIGIN             pages of this origin may ask, too; * for any; may be repeated (none)
  --queue N                 requests that may wait for the one that is worked on (16)
  --timeout S               seconds that a request may take, waiting included; 0: any (600)
  --max-body BYTES          of a request at most (4000000)
`;

// Longer than most answers, and not so long that whoever waits for the end gives up.
const graceMs = 10_000;
// Proxies cut a connection after half a minute of silence, or more.
const heartbeatMs = 10_000;
// In seconds, a day.
const maxTimeout = 86_400;

const signals = ['SIGINT', 'SIGTERM'] as const;

export async function serve(args: readonly string[]): Promise<void> {
  const { values, positionals } = parse({
    args: [...args],
    allowPositionals: true,
    options: {
      ...modelOptions,
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '8080' },
      'api-key': { type: 'string', default: process.env['WASM_CHORD_API_KEY'] ?? '' },
      cors: { type: 'string', multiple: true, default: [] },
      queue: { type: 'string', default: '16' },
      timeout: { type: 'string', default: '600' },
      'max-body': { type: 'string', default: '4000000' },
    },
  });
  const [model, ...rest] = positionals;
  if (model === undefined || rest.length > 0) throw new UsageError('usage: wasm-chord serve MODEL [options]');
  const { host, cors } = values;
  const port = wholeNumber('port', values.port, 0, 65_535);
  const apiKey = values['api-key'] === '' ? undefined : values['api-key'];
  const loopback = isLoopback(host);
  const server = new ChordServer({
    loopback,
    origins: cors.map(originOf),
    apiKey,
    queue: wholeNumber('queue', values.queue, 0),
    timeoutMs: wholeNumber('timeout', values.timeout, 0, maxTimeout) * 1000 || Infinity,
    maxBodyBytes: wholeNumber('max-body', values['max-body'], 1),
    heartbeatMs,
    page: await pageFiles(new URL('page/', import.meta.url)),
    log: (line) => process.stderr.write(`${line}\n`),
  });
  const stop = onSignal();

  const taken = await listen(server, host, port);
  process.stdout.write(`http://${host.includes(':') ? `[${host.replace(/[[\]]/g, '')}]` : host}:${taken}\n`);
  if (!loopback && apiKey === undefined) process.stderr.write('Others can reach it, and there is no --api-key.\n');
  try {
    const engine = await openEngine(model, values, stop);
    try {
      server.begin(engine);
      const { name, architecture, device, variant } = engine.info;
      const where = device === 'cpu' ? `the CPU (${variant})` : 'the GPU';
      process.stdout.write(`ready: ${name || architecture}, on ${where}\n`);
      await aborted(stop);
      process.stderr.write('stopping\n');
      await server.stop(graceMs);
    } finally {
      await engine.dispose();
    }
  } catch (error) {
    await server.stop(0);
    throw error;
  }
}

async function listen(server: ChordServer, host: string, port: number): Promise<number> {
  try {
    return await server.listen(host, port);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    const message = `port ${port} of ${host} is taken: choose another with --port, or 0 for any that is free`;
    throw new Error(message, { cause: error });
  }
}

// As browsers write it in the Origin header.
function originOf(text: string): string {
  if (text === '*' || /^[a-z][a-z\d+.-]*:\/\/[^/\s]+$/i.test(text)) return text.toLowerCase();
  throw new UsageError(`--cors cannot be '${text}'; it takes an origin such as https://example.com, or *`);
}

/** Aborted by the first signal that asks the program to end; the second ends it. */
function onSignal(): AbortSignal {
  const control = new AbortController();
  for (const signal of signals) {
    process.on(signal, () => {
      if (control.signal.aborted) process.exit(signal === 'SIGINT' ? 130 : 143);
      control.abort();
    });
  }
  return control.signal;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else
      signal.addEventListener('abort', () => {
        resolve();
      });
  });
}
