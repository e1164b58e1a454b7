import { chromium } from '@playwright/test';
import { chromiumArgs, findChromium } from './browser.mjs';
import { serve } from './serve.mjs';
const server = await serve({});
const browser = await chromium.launchPersistentContext('/tmp/prof1', { executablePath: findChromium(), args: chromiumArgs });
const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
await page.goto(server.url);
await page.getByTestId('engine').waitFor();
const out = await page.evaluate(async () => {
  const { session } = window.clearpipe;
  const { engine } = session;
  const rows = [];
  for (const round of [0,1]) for (const threads of [1, 2]) for (const batch of ['auto', 1]) {
    const config = { records: batch === 1 ? 100000 : 1000000, batch, runtime: { kind: 'pool', threads }, trace: { enabled: false }, clock: 'fixed:2026-01-01T00:00:00Z' };
    if (batch === 1) config.channels = { capacity: 100 };
    const t = performance.now();
    const r = await engine.run(config, {}).finished;
    rows.push([threads, batch, Math.round(r.metrics.records_per_second), Math.round(performance.now() - t), r.storage]);
  }
  return rows;
});
console.log(out);
await browser.close(); await server.close();
