// The server over an engine that says what it is told to.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { FakeEngine } from '../../test/fake_engine.js';
import type { Script } from '../../test/fake_engine.js';
import { chatCompletions, completions } from '../chat/api.js';
import { embeddings } from '../chat/embeddings_api.js';
import { isRecord } from '../chat/messages.js';
import { pageFiles } from './page_files.js';
import { ChordServer } from './server.js';
import type { ServerOptions } from './server.js';

const question = { messages: [{ role: 'user', content: 'Hi' }] };
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Served {
  readonly server: ChordServer;
  readonly engine: FakeEngine;
  readonly origin: string;
  readonly lines: string[];
}

const running = new Set<ChordServer>();
afterEach(async () => {
  await Promise.all([...running].map((server) => server.stop(0)));
  running.clear();
});

async function start(
  script: Script = { pieces: ['Hel', 'lo'] },
  options: Partial<ServerOptions> = {},
): Promise<Served> {
  const lines: string[] = [];
  const server = new ChordServer({
    loopback: true,
    origins: [],
    queue: 1,
    timeoutMs: Infinity,
    maxBodyBytes: 1000,
    heartbeatMs: 10_000,
    page: new Map(),
    log: (line) => lines.push(line),
    ...options,
  });
  running.add(server);
  const origin = `http://127.0.0.1:${await server.listen('127.0.0.1', 0)}`;
  const engine = new FakeEngine(script);
  const { info } = engine;
  server.begin({
    info,
    chat: { completions: chatCompletions(engine) },
    completions: completions(engine),
    embeddings: embeddings({ info, embedded: () => Promise.resolve({ vectors: [Float32Array.of(1)], tokens: 2 }) }),
  });
  return { server, engine, origin, lines };
}

interface Init extends RequestInit {
  readonly headers?: Readonly<Record<string, string>>;
}

function ask(origin: string, body: object, init: Init = {}): Promise<Response> {
  const headers = { 'content-type': 'application/json', ...init.headers };
  const url = `${origin}/v1/chat/completions`;
  return fetch(url, { method: 'POST', body: JSON.stringify(body), ...init, headers });
}

/** The status and the error of an answer, which has all four fields. */
async function refusal(answer: Response): Promise<[status: number, code: unknown, param: unknown, message: string]> {
  const body: unknown = await answer.json();
  assert.ok(isRecord(body) && isRecord(body['error']));
  const { message, type, param, code, ...rest } = body['error'];
  assert.deepEqual([typeof message, typeof type, rest], ['string', 'string', {}]);
  return [answer.status, code, param, String(message)];
}

/** Nobody else's promise says that a gate is reached. */
class Gate {
  open = (): void => undefined;
  readonly #opened = new Promise<void>((resolve) => {
    this.open = () => {
      resolve();
    };
  });
  reached = 0;
  readonly pass = (): Promise<void> => {
    this.reached += 1;
    return this.#opened;
  };
}

async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + 5000;
  while (!condition()) {
    assert.ok(performance.now() < end, 'too late');
    await pause(2);
  }
}

test('requests that are wrong are refused in the shape of an error of OpenAI, with the field', async () => {
  const { origin, engine } = await start();
  const refused = async (body: object, init?: Init) => (await refusal(await ask(origin, body, init))).slice(0, 3);
  assert.deepEqual(await refused({ ...question, temperature: -1 }), [400, 'invalid_argument', 'temperature']);
  assert.deepEqual(await refused({ ...question, modalities: ['audio'] }), [400, 'unsupported_field', 'modalities']);
  assert.deepEqual(await refused([]), [400, 'invalid_argument', null]);
  assert.deepEqual(await refused({}, { body: '{' }), [400, 'invalid_json', null]);
  assert.deepEqual(await refused({}, { body: Uint8Array.of(34, 255, 34) }), [400, 'invalid_json', null]);
  const plain = { headers: { 'content-type': 'text/plain' } };
  assert.deepEqual(await refused(question, plain), [415, 'unsupported_media_type', null]);
  const long = { messages: [{ role: 'user', content: 'x'.repeat(1000) }] };
  const [status, code, , message] = await refusal(await ask(origin, long));
  assert.deepEqual([status, code], [413, 'request_too_large']);
  assert.match(message, /10\d\d bytes or more; the limit is 1000 /);
  const huge = await ask(origin, { messages: [{ role: 'user', content: 'x'.repeat(20_000) }] });
  assert.deepEqual((await refusal(huge)).slice(0, 2), [413, 'request_too_large']);
  assert.deepEqual((await refusal(await fetch(`${origin}/v1/fly`))).slice(0, 2), [404, 'unknown_url']);
  assert.deepEqual((await refusal(await fetch(`${origin}//`))).slice(0, 2), [404, 'unknown_url']);
  assert.deepEqual((await refusal(await fetch(`${origin}/v1/models/gpt`))).slice(0, 2), [404, 'model_not_found']);
  const wrong = await fetch(`${origin}/v1/chat/completions`);
  assert.equal(wrong.headers.get('allow'), 'POST');
  assert.deepEqual((await refusal(wrong)).slice(0, 2), [405, 'method_not_allowed']);
  assert.equal(engine.calls.length, 0);
  assert.equal((await fetch(`${origin}/health`, { method: 'HEAD' })).status, 200);
});

test('embeddings are posted, too', async () => {
  const { origin } = await start();
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${origin}/v1/embeddings`, { method: 'POST', headers, body: '{ "input": "Hi" }' });
  const data = [{ object: 'embedding', index: 0, embedding: [1] }];
  const usage = { prompt_tokens: 2, total_tokens: 2 };
  assert.deepEqual(await answer.json(), { object: 'list', model: 'Fake', data, usage });
});

test('a stream is events, and one that is silent has comments', async () => {
  const pace = (place: number): Promise<void> => pause(place === 0 ? 100 : 0);
  const { origin, lines } = await start({ pieces: ['Hel', 'lo'], pace }, { heartbeatMs: 20 });
  const answer = await ask(origin, { ...question, stream: true });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get('content-type'), 'text/event-stream; charset=utf-8');
  const events = (await answer.text()).split('\n\n');
  assert.deepEqual(events.splice(-2), ['data: [DONE]', '']);
  const comments = events.filter((event) => event === ': still working');
  assert.ok(comments.length >= 2, `${comments.length} comments`);
  const rest = events.slice(comments.length);
  assert.ok(rest.length === 4 && rest.every((event) => event.startsWith('data: {"id":"chatcmpl-')), rest.join('\n'));
  await until(() => lines.length > 0);
  assert.match(lines[0] ?? '', /^POST \/v1\/chat\/completions 200 \d+ ms$/);
});

test('what fails before the first chunk has a status, and after it is an event', async () => {
  const fail = (at: number) => (place: number) =>
    place === at ? Promise.reject(new Error('out of order')) : Promise.resolve();
  const first = await start({ pieces: ['Hel', 'lo'], pace: fail(0) });
  const answer = await ask(first.origin, { ...question, stream: true });
  assert.deepEqual(await refusal(answer), [500, 'internal', null, 'out of order']);
  const second = await start({ pieces: ['Hel', 'lo'], pace: fail(1) });
  const events = (await (await ask(second.origin, { ...question, stream: true })).text()).trimEnd().split('\n\n');
  const error = { message: 'out of order', type: 'server_error', param: null, code: 'internal' };
  assert.equal(events.at(-1), `data: ${JSON.stringify({ error })}`);
});

test('a client that goes away stops the work within a token, streaming or not', async () => {
  for (const stream of [true, false]) {
    const pieces = Array.from({ length: 1000 }, () => 'x');
    const { origin, engine, lines } = await start({ pieces, pace: () => pause(5) });
    const control = new AbortController();
    const answer = ask(origin, { ...question, stream }, { signal: control.signal });
    await until(() => (engine.calls[0]?.pieces ?? 0) >= 3);
    control.abort();
    await assert.rejects(answer.then((response) => response.text()));
    await until(() => engine.calls[0]?.left === true);
    assert.ok((engine.calls[0]?.pieces ?? 0) < 200);
    await until(() => lines.length > 0);
    assert.match(lines[0] ?? '', / 499 \d+ ms$/);
  }
});

test('one request works, as many as --queue says wait, and the next hears when to come again', async () => {
  const gate = new Gate();
  const { origin, engine } = await start({ pieces: ['yes'], pace: gate.pass });
  const busy = [ask(origin, question), ask(origin, question)];
  await until(() => engine.calls.length === 2);
  const health: unknown = await (await fetch(`${origin}/health`)).json();
  assert.deepEqual(health, { status: 'ok', model: 'Fake', queue: { running: 1, waiting: 1, limit: 1 } });
  const refused = await ask(origin, question);
  assert.match(refused.headers.get('retry-after') ?? '', /^\d+$/);
  assert.deepEqual((await refusal(refused)).slice(0, 2), [429, 'queue_full']);
  gate.open();
  assert.deepEqual(await Promise.all(busy.map(async (answer) => (await answer).status)), [200, 200]);
  assert.equal((await ask(origin, question)).status, 200);
});

test('a request that takes too long is ended, and is not to be repeated', async () => {
  const pace = (place: number): Promise<void> => (place === 0 ? Promise.resolve() : pause(60));
  const { origin } = await start({ pieces: ['Hel', 'lo'], pace }, { timeoutMs: 30 });
  const whole = await ask(origin, question);
  assert.equal(whole.headers.get('x-should-retry'), 'false');
  assert.deepEqual((await refusal(whole)).slice(0, 2), [504, 'timeout']);
  const events = (await (await ask(origin, { ...question, stream: true })).text()).trimEnd().split('\n\n');
  assert.match(events.at(-1) ?? '', /^data: {"error":{"message":"the request took longer than the 0.03 s /);
});

test('before there is a model it says so; when it stops it finishes what it has begun, or ends it in time', async () => {
  const server = new ChordServer({
    ...{ loopback: true, origins: [], queue: 1, timeoutMs: Infinity, maxBodyBytes: 1000, heartbeatMs: 10_000 },
    ...{ page: new Map(), log: () => undefined },
  });
  running.add(server);
  const origin = `http://127.0.0.1:${await server.listen('127.0.0.1', 0)}`;
  assert.deepEqual((await refusal(await ask(origin, question))).slice(0, 2), [503, 'loading']);
  assert.deepEqual((await refusal(await fetch(`${origin}/v1/models`))).slice(0, 2), [503, 'loading']);
  assert.equal((await fetch(`${origin}/health`)).status, 503);

  const gate = new Gate();
  const patient = await start({ pieces: ['yes'], pace: gate.pass });
  const answer = ask(patient.origin, question);
  await until(() => gate.reached === 1);
  const stopped = patient.server.stop(10_000);
  gate.open();
  assert.equal((await answer).status, 200);
  await stopped;
  await assert.rejects(fetch(`${patient.origin}/health`));

  const hasty = await start({ pieces: ['never', 'ever'], pace: (place) => pause(place === 0 ? 0 : 300) });
  const stream = await ask(hasty.origin, { ...question, stream: true });
  await hasty.server.stop(20);
  assert.match(await stream.text(), /\n\ndata: {"error":{"message":"the server is stopping","type":"server_error",/);
});

/** With headers that fetch does not let one set. */
function statusFor(origin: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request(`${origin}/health`, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.on('error', reject);
    asked.end();
  });
}

test('a server that only this machine can reach answers to its names only', async () => {
  const { origin } = await start();
  for (const host of ['localhost', 'LOCALHOST:80', '127.0.0.1:8080', '[::1]:8080', 'my.localhost'])
    assert.equal(await statusFor(origin, { host }), 200, host);
  for (const host of ['example.com', '127.0.0.1.example.com', 'localhost.example.com:8080', '192.168.0.1'])
    assert.equal(await statusFor(origin, { host }), 403, host);
  const open = await start(undefined, { loopback: false });
  assert.equal(await statusFor(open.origin, { host: 'example.com' }), 200);
});

test('pages of other origins may ask where they are allowed to', async () => {
  const preflight = {
    method: 'OPTIONS',
    headers: {
      origin: 'https://example.com',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    },
  };
  const closed = await start();
  const refused = await fetch(`${closed.origin}/v1/chat/completions`, preflight);
  assert.deepEqual([refused.status, refused.headers.get('access-control-allow-origin')], [405, null]);
  // The question comes without the key.
  const open = await start(undefined, { origins: ['https://example.com'], apiKey: 'secret' });
  const allowed = await fetch(`${open.origin}/v1/chat/completions`, preflight);
  assert.equal(allowed.status, 204);
  assert.equal(allowed.headers.get('access-control-allow-origin'), 'https://example.com');
  assert.equal(allowed.headers.get('access-control-allow-headers'), 'authorization,content-type');
  const headers = { authorization: 'Bearer secret', origin: 'https://example.com' };
  const answer = await ask(open.origin, question, { headers });
  assert.deepEqual([answer.status, answer.headers.get('vary')], [200, 'origin']);
  assert.equal(answer.headers.get('access-control-allow-origin'), 'https://example.com');
  const other = await ask(open.origin, question, { headers: { ...headers, origin: 'https://example.org' } });
  assert.equal(other.headers.get('access-control-allow-origin'), null);
  const any = await start(undefined, { origins: ['*'] });
  const health = await fetch(`${any.origin}/health`, { headers: { origin: 'null' } });
  assert.equal(health.headers.get('access-control-allow-origin'), 'null');
});

test('a key is asked for by the API, and not for its health', async () => {
  const { origin } = await start(undefined, { apiKey: 'secret' });
  for (const authorization of ['', 'Bearer', 'Bearer secret2', 'Basic secret']) {
    const refused = await ask(origin, question, { headers: { authorization } });
    assert.equal(refused.headers.get('www-authenticate'), 'Bearer');
    assert.deepEqual((await refusal(refused)).slice(0, 2), [401, 'invalid_api_key']);
  }
  assert.equal((await ask(origin, question, { headers: { authorization: 'bearer secret' } })).status, 200);
  assert.equal((await fetch(`${origin}/v1/models`)).status, 401);
  assert.equal((await fetch(`${origin}/health`)).status, 200);
});

test('a page is served isolated, and nothing beside it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'chord-serve-'));
  try {
    mkdirSync(join(folder, 'page/assets'), { recursive: true });
    const write = (name: string, text: string): void => {
      writeFileSync(join(folder, name), text);
    };
    write('page/index.html', '<head><title>Page</title></head>');
    write('page/assets/a.js', '1');
    write('page/notes.txt', 'private');
    write('module.wasm', 'module');
    write('page/elsewhere.json', '{ "assets/module-1.wasm": "../module.wasm" }');
    const page = await pageFiles(new URL(`${pathToFileURL(folder).href}/page/`));
    const { origin } = await start(undefined, { page });
    const index = await fetch(`${origin}/?x`);
    assert.equal(await index.text(), '<head><meta name="wasm-chord-server" content="v1/" /><title>Page</title></head>');
    assert.equal(index.headers.get('cross-origin-opener-policy'), 'same-origin');
    assert.equal(index.headers.get('cross-origin-embedder-policy'), 'require-corp');
    const module = await fetch(`${origin}/assets/module-1.wasm`);
    assert.deepEqual([module.headers.get('content-type'), await module.text()], ['application/wasm', 'module']);
    assert.equal((await fetch(`${origin}/assets/a.js`)).status, 200);
    for (const path of ['/notes.txt', '/elsewhere.json', '/assets/', '/../module.wasm', '/%2e%2e/module.wasm'])
      assert.equal((await fetch(origin + path)).status, 404, path);
  } finally {
    rmSync(folder, { recursive: true });
  }
  assert.equal((await pageFiles(new URL(`${pathToFileURL(folder).href}/page/`))).size, 0);
});
