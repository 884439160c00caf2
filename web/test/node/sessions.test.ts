// Conversations of one's own: kept, saved, loaded, and stored under names.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ChordError, load, sessions } from 'wasm-chord';
import type { ChatMessage, Engine, EngineOptions, Session } from 'wasm-chord';

const path = '../models/chord-tiny/chord-tiny-q8_0.gguf';
const question: readonly ChatMessage[] = [{ role: 'user', content: 'What is the capital of France?' }];
const next: readonly ChatMessage[] = [
  ...question,
  { role: 'assistant', content: 'The capital of France is Paris.' },
  { role: 'user', content: 'Tell me a story about a dog.' },
];
const sampled = { temperature: 1, seed: 4, maxTokens: 40, topK: 0, topP: 1 };
const greedy = { temperature: 0, maxTokens: 20 };

function hasCode(code: string, message = /./): (error: unknown) => boolean {
  return (error) => error instanceof ChordError && error.code === code && message.test(error.message);
}

async function answer(session: Session | Engine, options = sampled): Promise<{ text: string; reused: number }> {
  const { text, usage } = await session.generate(next, options).result;
  return { text, reused: usage.reusedTokens };
}

for (const worker of [true, false]) {
  const open = (options: EngineOptions = {}): Promise<Engine> => load(path, { worker, ...options });
  const place = worker ? 'in a worker' : 'in this thread';

  test(`${place}: a session goes on after it was saved and loaded`, async () => {
    for (const kvType of ['f16', 'q8_0'] as const) {
      const engine = await open({ kvType });
      const session = engine.session();
      await session.generate(question, greedy).text();
      const saved = await session.save();
      const expected = await answer(session);
      assert.ok(expected.reused > 10);
      const again = await engine.loadSession(saved);
      assert.deepEqual(await answer(again), expected);
      await engine.dispose();

      const other = await open({ kvType, contextLength: 300, threads: 1 });
      assert.deepEqual(await answer(await other.loadSession(saved)), expected);
      assert.deepEqual((await answer(other)).text, expected.text, 'as if nothing had been saved');
      const { choices } = await (
        await other.loadSession(saved)
      ).chat.completions.create({
        messages: [...next],
        max_tokens: 20,
        temperature: 0,
      });
      assert.equal(choices[0]?.message.content, await other.generate(next, greedy).text());
      await other.dispose();
    }
  });

  test(`${place}: what cannot be loaded`, async () => {
    const engine = await open();
    const session = engine.session();
    await session.generate(question, greedy).text();
    const saved = await session.save();
    const damaged = saved.slice();
    damaged[saved.length - 100] = (damaged[saved.length - 100] ?? 0) ^ 1;
    await assert.rejects(engine.loadSession(damaged), hasCode('invalid_session', /checksum/));
    await assert.rejects(engine.loadSession(saved.subarray(0, 1000)), hasCode('invalid_session', /cut off/));
    await assert.rejects(engine.loadSession(new Uint8Array(3)), hasCode('invalid_session', /at least/));
    assert.ok((await answer(session)).reused > 10, 'the session is as it was');
    await engine.dispose();

    const f32 = await open({ kvType: 'f32' });
    await assert.rejects(f32.loadSession(saved), hasCode('invalid_session', /kv_type of 0; .* is 1/));
    await f32.dispose();
    const short = await open({ contextLength: 8 });
    await assert.rejects(short.loadSession(saved), hasCode('context_overflow', /longer context than 8/));
    await short.dispose();
    const model = await load('../models/chord-tiny/chord-tiny-f16.gguf', { worker });
    await assert.rejects(model.loadSession(saved), hasCode('invalid_session', /fingerprint/));
    assert.equal(await model.generate(question, greedy).text(), 'The capital of France is Paris.');
    await model.dispose();
  });

  test(`${place}: sessions keep their memory until they are disposed`, async () => {
    const one = await open({ memoryBudget: 1 });
    assert.equal(one.info.conversations, 1);
    const session = one.session();
    await session.generate(question, greedy).text();
    await assert.rejects(one.generate(question, greedy).text(), hasCode('out_of_memory', /sessions: dispose/));
    await assert.rejects(one.session().save(), hasCode('out_of_memory'));
    await session.dispose();
    await session.dispose();
    await assert.rejects(session.save(), hasCode('closed'));
    assert.throws(() => session.generate(question), hasCode('closed'));
    assert.equal(await one.generate(question, greedy).text(), 'The capital of France is Paris.');
    await one.dispose();

    const engine = await open();
    const [first, second] = [engine.session(), engine.session()];
    await first.generate(question, greedy).text();
    await second.generate('Once upon a time', greedy).text();
    await engine.generate('Something else', greedy).text();
    assert.ok((await answer(first)).reused > 10);
    const empty = await engine.session().save();
    assert.ok(empty.length < 100);
    await (await engine.loadSession(empty)).generate(question, greedy).text();
    await engine.dispose();
  });
}

test('sessions are kept under names', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'chord-sessions-'));
  try {
    const engine = await load(path);
    assert.deepEqual(await sessions.list(folder), []);
    assert.equal(await sessions.load('a dog', engine, folder), undefined);
    const session = engine.session();
    await session.generate(question, greedy).text();
    await sessions.save('a dog', session, folder);
    const expected = await answer(session);
    await sessions.save('later/…', session, folder);

    const kept = await sessions.list(folder);
    assert.deepEqual(kept.map(({ name }) => name).sort(), ['a dog', 'later/…']);
    assert.ok(kept.every(({ size, time }) => size > 10_000 && Date.now() - time.getTime() < 60_000));
    await engine.dispose();

    const reloaded = await load(path);
    const again = await sessions.load('a dog', reloaded, folder);
    assert.ok(again);
    assert.deepEqual(await answer(again), expected);
    const entry = readdirSync(folder).find((name) => name.startsWith('a_dog')) ?? '';
    // As a process leaves them that ended while it wrote.
    for (const file of ['b.0', 'b.1', 'b.2']) await writeFile(join(folder, entry, file), 'x');
    await sessions.save('a dog', again, folder);
    assert.equal(readdirSync(join(folder, entry)).length, 2, 'what it replaces is gone');

    const [data = ''] = readdirSync(join(folder, entry)).filter((name) => !name.endsWith('.json'));
    await writeFile(join(folder, entry, data), 'x');
    await assert.rejects(sessions.load('a dog', reloaded, folder), hasCode('invalid_session'));
    assert.equal(await sessions.delete('a dog', folder), true);
    assert.equal(await sessions.delete('a dog', folder), false);
    assert.deepEqual((await sessions.list(folder)).length, 1);
    await reloaded.dispose();
  } finally {
    await rm(folder, { recursive: true });
  }
});
