// Engines in headless Chromium, on pages that are cross-origin isolated, so that threads can share memory.
import { readFileSync } from 'node:fs';
import { launch } from '../../web/node_modules/puppeteer-core/lib/puppeteer/puppeteer-core.js';
import { serve } from '../../web/tools/serve.mjs';

const flags = ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking'];

/** A server of the repository, and what opens engines on its pages. */
export async function startPages() {
  const { server, origin } = await serve({ isolated: true });
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

  async function openPage() {
    // Whoever listens to a page's network has it keep what it fetches: up to 10 MB of each request, 200 MB in all.
    const options = { networkEnabled: false, protocolTimeout: 0 };
    const browser = await launch({ executablePath, headless: true, args: flags, ...options });
    const page = await browser.newPage();
    await page.goto(`${origin}/scripts/bench/page.html`);
    return { browser, page };
  }
  const inPage = (page, call, argument) =>
    page.evaluate(
      `import('/scripts/bench/engines/page.js').then(async (engines) => { ${call} })`.replace('ARGUMENT', () =>
        JSON.stringify(argument),
      ),
    );

  /** An engine of engines/page.js, by the name of the function that opens it; as those of processes.mjs. */
  async function open(opener, options) {
    const { browser, page } = await openPage();
    try {
      const memory = await memoryOf(browser);
      const { facts, loadMs } = await inPage(
        page,
        `globalThis.engine = await engines.${opener}(ARGUMENT);
        return { facts: engine.facts(), loadMs: engine.loadMs };`,
        options,
      );
      const engine = {
        facts,
        loadMs,
        peakBytes: null,
        run: async () => {
          const speeds = await inPage(page, 'return engine.run();');
          engine.peakBytes = memory.growth();
          return speeds;
        },
        close: () => browser.close(),
      };
      return engine;
    } catch (error) {
      await browser.close();
      throw error;
    }
  }

  async function fetchMs(url) {
    const { browser, page } = await openPage();
    try {
      return await inPage(page, 'return engines.fetchMs(ARGUMENT);', url);
    } finally {
      await browser.close();
    }
  }

  return {
    open,

    /** What fetching takes, and on a page of its own loading; and the most memory of that and a generation. */
    async load(options) {
      const fetching = await fetchMs(options.url);
      const engine = await open('openChord', options);
      try {
        await engine.run();
        return { fetchMs: fetching, loadMs: engine.loadMs, peakBytes: engine.peakBytes };
      } finally {
        await engine.close();
      }
    },

    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** By how much the page's process has grown since, at its peak: wasm memories, JavaScript, all. Linux tells. */
async function memoryOf(browser) {
  const session = await browser.target().createCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const before = new Map(
    processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => [id, status(id, 'VmRSS')]),
  );
  return {
    growth: () => {
      const grown = [...before].map(([id, bytes]) => status(id, 'VmHWM') - bytes).filter(Number.isFinite);
      return grown.length === 0 ? null : Math.max(...grown);
    },
  };
}

function status(process, key) {
  try {
    return (
      Number(new RegExp(`^${key}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${process}/status`, 'utf8'))?.[1]) * 1024
    );
  } catch {
    return NaN;
  }
}
