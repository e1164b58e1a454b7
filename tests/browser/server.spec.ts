// The server of the page after all sorts of things have been sent to it; and what its policy keeps the page from.

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
