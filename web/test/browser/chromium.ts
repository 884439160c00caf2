import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';

/** Headless, from Debian's package or where CHROMIUM says. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** A new page, and what goes wrong in it; errors about URLs that `expected` is part of are no surprise. */
export async function watchedPage(
  from: Browser | BrowserContext,
  expected: string,
): Promise<{ page: Page; problems: string[] }> {
  const page = await from.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.location().url.includes(expected)) problems.push(message.text());
  });
  return { page, problems };
}
