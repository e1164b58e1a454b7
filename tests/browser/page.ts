// A page that also fails its test if anything is wrong on the console.

import { expect, test as base } from '@playwright/test';
import type { Page } from '@playwright/test';

export { expect };

export interface Servers {
  /** Where the page has threads. */
  isolated: string;
  /** Where it has not. */
  plain: string;
}

/** The addresses of the servers that servers.ts has started. */
export function startedServers(): Servers {
  const { CLEARPIPE_ISOLATED_URL: isolated, CLEARPIPE_PLAIN_URL: plain } = process.env;
  if (!isolated || !plain) throw new Error('the servers have not been started');
  return { isolated, plain };
}

/** What Chromium says when a test looks at pixels or takes a screenshot: the page itself never reads any. */
const READING = 'GPU stall due to ReadPixels';

/** Collects what a page complains about on its console. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on('console', (message) => {
    const text = message.text();
    if (['error', 'warning'].includes(message.type()) && !text.includes(READING)) {
      complaints.push(text);
    }
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  return complaints;
}

export const test = base.extend<{ servers: Servers }>({
  // eslint-disable-next-line no-empty-pattern -- Playwright reads the fixtures used off this pattern
  servers: async ({}, use) => {
    await use(startedServers());
  },
  page: async ({ page }, use) => {
    const complaints = complaintsOf(page);
    await use(page);
    expect(complaints, 'what the page complained about on the console').toEqual([]);
  },
});
