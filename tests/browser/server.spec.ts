// The server of the page after all sorts of things have been sent to it; and what its policy keeps the page from.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '../../scripts/lib/command.mjs';
import { ask, attacks, descriptors, giveUp } from '../server/hostile.mjs';
import { filesOf } from './cases';
import { expect, test } from './page';
import { fixClock, open, results, run } from './steps';

test('after 200 hostile requests and 500 downloads that were given up, the page loads', async ({
  page,
}) => {
  test.setTimeout(120_000);
  const server = await serve();
  try {
    const { port, pid } = server;
    await open(page, server.url);
    await page.goto('about:blank');
    const before = descriptors(pid);

    for (const { bytes } of attacks(port)) await ask(port, bytes);
    for (let round = 0; round < 50; round += 1) {
      const some = Array.from({ length: 10 }, (_, at) =>
        giveUp(port, '/engine/threads/engine_bg.wasm', at * 20_000),
      );
      await Promise.all(some);
    }

    if (before !== undefined) {
      await expect.poll(() => descriptors(pid), { timeout: 20_000 }).toBeLessThanOrEqual(before);
    }
    await open(page, server.url);
    await fixClock(page);
    await run(page);
    expect(await results(page)).toEqual(filesOf('reference-run'));
  } finally {
    await server.close();
  }
});

test('over https, with a certificate that nobody else has signed, the page has threads', async ({
  browser,
}) => {
  const server = await serve({ args: ['--tls'], allowedHosts: ['clearpipe.test'] });
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  try {
    const page = await context.newPage();
    // For the browser, that is another machine: over http, it would get one thread.
    await open(page, `https://clearpipe.test:${server.port}/`);
    expect(await page.evaluate(() => [isSecureContext, crossOriginIsolated])).toEqual([true, true]);
    await expect(page.locator('[data-engine]')).toHaveAttribute('data-engine', 'threads');
    await fixClock(page);
    await run(page);
    expect(await results(page)).toEqual(filesOf('reference-run'));
  } finally {
    await context.close();
    await server.close();
  }
});

test('a page of another site gets nothing', async ({ browser, servers }) => {
  // With another port, it is one; what it may do is not restricted by its policy, because it has none.
  const other = createServer((_, response) => response.end('<!doctype html>'));
  await new Promise<void>((listening) => other.listen(0, '127.0.0.1', listening));
  const page = await browser.newPage();
  try {
    const { port } = other.address() as AddressInfo;
    await page.goto(`http://127.0.0.1:${port}/`);
    // The browser keeps the answer from the page, and so from Playwright.
    const network = await page.context().newCDPSession(page);
    await network.send('Network.enable');
    const statuses: number[] = [];
    network.on('Network.responseReceivedExtraInfo', ({ statusCode }) => statuses.push(statusCode));
    const got = await page.evaluate(
      (url) => fetch(url).then(Boolean, () => false),
      servers.isolated,
    );
    expect(got).toBe(false);
    // The other page itself may have its icon asked for.
    await expect.poll(() => statuses).toContain(403);
  } finally {
    await page.close();
    other.close();
  }
});

test('the page can’t be made to load or to send anything elsewhere', async ({
  browser,
  servers,
}) => {
  const page = await browser.newPage();
  await open(page, servers.isolated);
  const blocked = await page.evaluate(async () => {
    const found: string[] = [];
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
      found.push(effectiveDirective);
    });
    await fetch('https://example.com/').catch(() => undefined);
    const inline = document.createElement('script');
    inline.textContent = 'document.title = "changed"';
    document.body.append(inline);
    document.body.insertAdjacentHTML('beforeend', '<img src="https://example.com/x.png" />');
    const copy = URL.createObjectURL(new Blob(['0'], { type: 'text/javascript' }));
    new Worker(copy).addEventListener('error', () => undefined);
    await new Promise((resolve) => setTimeout(resolve, 200));
    return { found: found.sort(), title: document.title };
  });
  expect(blocked).toEqual({
    found: ['connect-src', 'img-src', 'script-src-elem', 'worker-src'],
    title: 'Clearpipe',
  });
  await page.close();
});
