// Engines in processes of their own. An opened engine is { facts, loadMs, run(), close() }, and peakBytes once it has
// run: run() generates once and resolves to { prefill, decode } in tokens a second.
import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { checkReport } from './report.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);

/** A script of engines/ in a process that stays. execPath: the Node that runs it. */
export async function openChild(script, options, execPath = process.execPath) {
  const child = fork(fileURLToPath(new URL(`engines/${script}`, import.meta.url)), [JSON.stringify(options)], {
    execPath,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let said = '';
  child.stderr.on('data', (text) => (said += text));
  const ended = new AbortController();
  child.once('exit', () => ended.abort());
  const answer = async () => {
    const [message] = await once(child, 'message', { signal: ended.signal }).catch(() => {
      throw new Error(
        said
          .trim()
          .split('\n')
          .find((line) => /Error/.test(line)) ?? `it ended: ${said.slice(-300)}`,
      );
    });
    return message;
  };
  const { facts, loadMs } = await answer();
  const engine = {
    facts,
    loadMs,
    peakBytes: null,
    run: async () => {
      child.send('run');
      const { speeds, peakBytes } = await answer();
      engine.peakBytes = peakBytes;
      return speeds;
    },
    close: async () => {
      child.kill();
      await once(child, 'exit');
    },
  };
  return engine;
}

/** The native program, anew for every run: its loading takes no time that matters here. */
export async function openNative({ file, promptTokens, generated, threads }) {
  const bench = async (runs) => {
    const options = { prompt: promptTokens, generate: generated, threads, runs };
    const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const { stdout } = await run(`${root}build/native/bin/chord`, ['bench', file, '--json', ...words]);
    return JSON.parse(stdout);
  };
  const first = checkReport(await bench(1));
  return {
    facts: first,
    loadMs: first.load_ms,
    peakBytes: first.peak_bytes,
    run: async () => {
      const [{ prefill, decode }] = (await bench(1)).speeds;
      return { prefill: prefill.median, decode: decode.median };
    },
    close: async () => {},
  };
}
