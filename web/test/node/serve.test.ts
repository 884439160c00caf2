// `wasm-chord serve` with chord-tiny, asked by OpenAI's own client; and the snippets of docs/server.md, as they are but
// for the port.
import assert from 'node:assert/strict';
import { execFile, spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { createContext, runInContext } from 'node:vm';
import OpenAI from 'openai';
import { tinyEncoder } from '../tiny_encoder.js';

const model = '../models/chord-tiny/chord-tiny-q8_0.gguf';
const user = (content: string) => ({ role: 'user' as const, content });
const france = [user('What is the capital of France?')];
const answer = 'The capital of France is Paris.';
const greedy = { model: 'any', temperature: 0 } as const;
const story = { model: 'any', messages: [user('Tell me a story about a fox.')], stream: true as const };
// Without the tokens that end a text.
const endless = { logit_bias: { 0: -100, 2: -100 } };

interface Started {
  readonly child: ChildProcess;
  readonly origin: string;
  /** What it has written, to stdout and to stderr. */
  readonly output: { out: string; err: string };
}

/** Resolves once it listens, or is ready to answer. */
async function start(when: 'listens' | 'ready', file: string, ...args: string[]): Promise<Started> {
  const child = spawn(process.execPath, ['dist/cli.js', 'serve', file, '--port', '0', '--device', 'cpu', ...args]);
  const output = { out: '', err: '' };
  const begun = when === 'ready' ? /^ready: /m : /^http.*\n/;
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (text) => {
      output.out += String(text);
      if (begun.test(output.out)) resolve();
    });
    child.stderr.on('data', (text) => (output.err += String(text)));
    child.on('exit', (code) => {
      reject(new Error(`it ended with ${code ?? 'a signal'}: ${output.err}`));
    });
  });
  return { child, origin: /http:\/\/\S+/.exec(output.out)?.[0] ?? '', output };
}

async function stop({ child }: Started, signal: NodeJS.Signals): Promise<unknown> {
  const ended = exit(child);
  child.kill(signal);
  return ended;
}

function exit(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once('exit', resolve));
}

let started: Started;
let client: OpenAI;
before(async () => {
  started = await start('ready', model, '--queue', '1', '--max-body', '2000');
  client = new OpenAI({ baseURL: `${started.origin}/v1`, apiKey: 'none', maxRetries: 0 });
});
after(async () => {
  assert.equal(await stop(started, 'SIGTERM'), 0);
});

test('an answer, whole and streamed with its usage', async () => {
  const whole = await client.chat.completions.create({ ...greedy, messages: france });
  const [choice] = whole.choices;
  assert.equal(choice?.message.content, answer);
  assert.equal(choice.finish_reason, 'stop');
  assert.match(whole._request_id ?? '', /^req_[0-9a-f]{24}$/);
  const params = { ...greedy, messages: france, stream: true, stream_options: { include_usage: true } } as const;
  let [text, total] = ['', 0];
  for await (const { choices, usage } of await client.chat.completions.create(params)) {
    text += choices[0]?.delta.content ?? '';
    total += usage?.total_tokens ?? 0;
  }
  assert.deepEqual([text, total], [answer, whole.usage?.total_tokens]);
});

const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const description = 'Get the weather in a city';
const tools = [{ type: 'function' as const, function: { name: 'get_weather', description, parameters } }];

test('from request through call and result to answer', async () => {
  const messages: OpenAI.ChatCompletionMessageParam[] = [user('What is the weather in Rome?')];
  const asked = await client.chat.completions.create({ ...greedy, messages, tools });
  const message = asked.choices[0]?.message;
  const call = message?.tool_calls?.[0];
  assert.ok(message && call?.type === 'function');
  assert.deepEqual(call.function, { name: 'get_weather', arguments: '{"city": "Rome"}' });

  const runner = client.chat.completions.stream({ ...greedy, messages, tools });
  const streamed = (await runner.finalMessage()).tool_calls?.[0];
  assert.ok(streamed?.type === 'function');
  assert.deepEqual([streamed.function.name, streamed.function.arguments], ['get_weather', '{"city": "Rome"}']);

  const content = '{"weather": "sunny", "degrees": 21}';
  messages.push(message, { role: 'tool', tool_call_id: call.id, content });
  const told = await client.chat.completions.create({ ...greedy, messages, tools });
  assert.equal(told.choices[0]?.message.content, 'It is sunny in Rome, with 21 degrees.');
});

test('an answer that follows a schema, and a call that has to be', async () => {
  const schema = { ...parameters, additionalProperties: false };
  const response_format = { type: 'json_schema' as const, json_schema: { name: 'place', schema, strict: true } };
  const messages = [user('What is the capital of France?')];
  const { choices } = await client.chat.completions.create({
    ...greedy,
    messages,
    response_format,
    max_completion_tokens: 100,
  });
  const place: unknown = JSON.parse(choices[0]?.message.content ?? '');
  assert.ok(typeof place === 'object' && place !== null && 'city' in place && typeof place.city === 'string');
  const forced = await client.chat.completions.create({ ...greedy, messages, tools, tool_choice: 'required' });
  assert.equal(forced.choices[0]?.finish_reason, 'tool_calls');
});

test('texts that go on, and the models that there are', async () => {
  const params = { ...greedy, prompt: 'Once upon a time', max_tokens: 8 };
  const whole = await client.completions.create(params);
  let text = '';
  for await (const { choices } of await client.completions.create({ ...params, stream: true }))
    text += choices[0]?.text ?? '';
  assert.equal(text, whole.choices[0]?.text);
  assert.equal(whole.usage?.completion_tokens, 8);

  const models = [];
  for await (const { id } of client.models.list()) models.push(id);
  assert.deepEqual(models, ['Chord Tiny']);
  assert.equal((await client.models.retrieve('Chord Tiny')).owned_by, 'wasm-chord');
  await assert.rejects(client.models.retrieve('gpt'), OpenAI.NotFoundError);
});

test('what is wrong is an error of the class that the client has for it', async () => {
  const ask = (more: object) => client.chat.completions.create({ ...greedy, messages: france, ...more });
  await assert.rejects(ask({ temperature: 1000 }), (error) => {
    assert.ok(error instanceof OpenAI.BadRequestError);
    assert.deepEqual([error.code, error.param], ['invalid_argument', 'temperature']);
    return true;
  });
  await assert.rejects(ask({ messages: [{ role: 'fool', content: '' }] }), { status: 400, param: 'messages[0].role' });
  await assert.rejects(ask({ messages: undefined }), { status: 400, param: 'messages' });
  await assert.rejects(ask({ audio: { voice: 'alloy' } }), { status: 400, code: 'unsupported_field', param: 'audio' });
  await assert.rejects(ask({ messages: [user('x'.repeat(3000))] }), { status: 413 });
  // Longer than the context, also where a stream was asked for.
  const long = { messages: [user('a b '.repeat(450))] };
  for (const stream of [true, false])
    await assert.rejects(ask({ ...long, stream }), { status: 400, code: 'context_length_exceeded' });
  await assert.rejects(ask({ tools: {} }), OpenAI.BadRequestError);
});

test('embeddings of an encoder, which answers nothing else', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'chord-serve-'));
  writeFileSync(join(folder, 'encoder.gguf'), tinyEncoder());
  const encoder = await start('ready', join(folder, 'encoder.gguf'));
  const asker = new OpenAI({ baseURL: `${encoder.origin}/v1`, apiKey: 'none', maxRetries: 0 });
  const { data, usage } = await asker.embeddings.create({ model: 'any', input: ['a cat', 'a dog'] });
  assert.deepEqual(
    data.map(({ index, embedding }) => [index, Math.abs(Math.hypot(...embedding) - 1) < 1e-5]),
    [
      [0, true],
      [1, true],
    ],
  );
  assert.ok(usage.prompt_tokens > 2);
  await assert.rejects(asker.completions.create({ model: 'any', prompt: 'Once' }), OpenAI.BadRequestError);
  await assert.rejects(asker.embeddings.create({ model: 'any', input: [] }), { status: 400, param: 'input' });
  assert.equal(await stop(encoder, 'SIGTERM'), 0);
  rmSync(folder, { recursive: true });
});

async function untilQueue(state: RegExp): Promise<void> {
  for (const end = Date.now() + 5000; ;) {
    const health = await (await fetch(`${started.origin}/health`)).text();
    if (state.test(health)) return;
    assert.ok(Date.now() < end, health);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test('others wait for the engine, but not too many; a client that leaves lets them have it', async () => {
  const stream = await client.chat.completions.create({ ...story, ...endless });
  for await (const { choices } of stream) {
    if (!choices[0]?.delta.content) continue;
    const waiting = client.chat.completions.create({ ...greedy, messages: france });
    await untilQueue(/"running":1,"waiting":1/);
    await assert.rejects(client.chat.completions.create({ ...greedy, messages: france }), OpenAI.RateLimitError);
    // A client that may try again does when it is told to.
    const later = client.withOptions({ maxRetries: 4 }).chat.completions.create({ ...greedy, messages: france });
    stream.controller.abort();
    for (const one of [waiting, later]) assert.equal((await one).choices[0]?.message.content, answer);
  }
  await untilQueue(/"running":0/);
  assert.match(started.output.err, /^POST \/v1\/chat\/completions 499 \d+ ms$/m);
});

test('a key is asked for, and origins are; Ctrl-C lets an answer come to its end', async () => {
  const guarded = await start('ready', model, '--api-key', 'secret', '--cors', 'https://example.com');
  const baseURL = `${guarded.origin}/v1`;
  const stranger = new OpenAI({ baseURL, apiKey: 'other', maxRetries: 0 });
  await assert.rejects(stranger.models.list(), OpenAI.AuthenticationError);
  const known = new OpenAI({ baseURL, apiKey: 'secret', maxRetries: 0 });
  const { response } = await known.models.list({ headers: { origin: 'https://example.com' } }).withResponse();
  assert.equal(response.headers.get('access-control-allow-origin'), 'https://example.com');
  let [text, ended]: [string, Promise<unknown> | undefined] = ['', undefined];
  let reason: string | null | undefined;
  for await (const { choices } of await known.chat.completions.create({ ...story, max_completion_tokens: 30 })) {
    text += choices[0]?.delta.content ?? '';
    if (text !== '') ended ??= stop(guarded, 'SIGINT');
    reason = choices[0]?.finish_reason;
  }
  assert.ok(reason === 'stop' || reason === 'length');
  assert.equal(await ended, 0);
});

test('a second signal ends it at once', async () => {
  const hasty = await start('ready', model);
  const hastily = new OpenAI({ baseURL: `${hasty.origin}/v1`, apiKey: 'none', maxRetries: 0 });
  const ended = exit(hasty.child);
  const stream = await hastily.chat.completions.create({ ...story, ...endless });
  await assert.rejects(async () => {
    for await (const { choices } of stream) {
      if (!choices[0]?.delta.content || hasty.output.err.includes('stopping')) continue;
      hasty.child.kill('SIGINT');
      hasty.child.stderr?.once('data', () => hasty.child.kill('SIGINT'));
    }
  });
  assert.equal(await ended, 130);
});

test('while the model is loaded it answers that it is; a signal ends the loading', async () => {
  const silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const address = silent.address();
  assert.ok(typeof address === 'object' && address);
  const slow = await start('listens', `http://127.0.0.1:${address.port}/model.gguf`, '--no-cache');
  const early = new OpenAI({ baseURL: `${slow.origin}/v1`, apiKey: 'none', maxRetries: 0 });
  await assert.rejects(early.models.list(), { status: 503, code: 'loading' });
  assert.equal(await stop(slow, 'SIGINT'), 130);
  silent.closeAllConnections();
  silent.close();
});

test('a port that is taken, and a model that is none', () => {
  const run = (...args: string[]) =>
    spawnSync(process.execPath, ['dist/cli.js', 'serve', ...args], { encoding: 'utf8' });
  const { status, stderr } = run(model, '--port', new URL(started.origin).port);
  assert.equal(status, 1);
  assert.match(stderr, /^wasm-chord: port \d+ of 127\.0\.0\.1 is taken: choose another with --port, or 0 /);
  const nothing = run('nowhere.gguf', '--port', '0');
  assert.equal(nothing.status, 1);
  assert.match(nothing.stderr, /nowhere\.gguf/);
});

// A page's snippet of another port, and a shell's.
const document = readFileSync('../docs/server.md', 'utf8');
const snippets = [...document.matchAll(/^```(js|sh)\n(.*?)^```$/gms)].map(([, kind, code = '']) => ({ kind, code }));

for (const { kind, code } of snippets.filter(({ code }) => !code.includes('npx wasm-chord'))) {
  test(`docs/server.md: ${code.split('\n')[0] ?? ''}`, async () => {
    const local = code.replaceAll('http://127.0.0.1:8080', started.origin);
    if (kind === 'sh') {
      const { stdout } = await promisify(execFile)('sh', ['-c', local]);
      assert.match(stdout, /Paris|"status":"ok"/);
      return;
    }
    const printed: string[] = [];
    const own = { log: (...values: unknown[]) => printed.push(values.map(String).join(' ')) };
    const body = local.replace(/^import .* from 'openai';$/m, '').replace(/^const client = .*$/m, '');
    await runInContext(`(async () => {${body}})()`, createContext({ client, console: own }));
    const promised = [...code.matchAll(/console\.log\(.*\).*; \/\/ (.+)$/gm)].map(([, text]) => text);
    assert.deepEqual(printed, promised);
    assert.ok(printed.length > 0);
  });
}

test('there are snippets', () => {
  assert.ok(snippets.filter(({ kind }) => kind === 'js').length >= 2);
});
