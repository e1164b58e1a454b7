import { chromium } from '@playwright/test';
import { chromiumArgs, findChromium } from './browser.mjs';
import { serve } from './serve.mjs';
const server = await serve({});
const browser = await chromium.launch({ executablePath: findChromium(), args: chromiumArgs });
const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
page.on('console', (m) => console.log('console', m.text()));
await page.goto(server.url);
await page.getByTestId('engine').waitFor();
const N = Number(process.argv[2] ?? 1000000);
for (const threads of [1, 2]) {
const out = await page.evaluate(async ({threads, N, origin}) => {
  const src = `
  import init, { initThreadPool, Run, measureLoop } from '${origin}engine/threads/engine.js';
  onmessage = async ({data}) => { try {
    await init();
    const t0 = performance.now();
    await initThreadPool(data.threads + 1);
    const started = performance.now() - t0;
    const rows = { started, loop: [], auto: [], one: [] };
    const base = { records: data.N, trace: { enabled: false }, clock: 'fixed:2026-01-01T00:00:00Z', runtime: {kind:'pool', threads: data.threads} };
    measureLoop({ ...base, records: 100000 });
    for (let i = 0; i < 5; i++) {
      rows.loop.push(data.N / measureLoop(base));
      for (const [name, more] of [['auto', {}], ['one', {batch: 1, channels: {capacity: 100}, records: data.N/10}]]) {
        const run = new Run({ ...base, ...more }, false, true);
        const m = await run.finished();
        rows[name].push(m.records_per_second);
        run.free();
      }
    }
    postMessage(rows);
  } catch (e) { postMessage(String(e)); } };`;
  const w = new Worker(URL.createObjectURL(new Blob([src], {type:'text/javascript'})), {type:'module'});
  const r = await new Promise((res, rej) => { w.onmessage = (e) => res(e.data); w.onerror = (e) => rej(e.message); w.postMessage({threads, N}); });
  w.terminate();
  return r;
}, {threads, N, origin: server.url});
const med = (a) => a.sort((x,y)=>x-y)[a.length>>1];
if (typeof out === 'string') console.log(out); else
console.log(threads, 'threads; pool start', Math.round(out.started), 'ms; loop', (med(out.loop)/1e6).toFixed(2), 'auto', (med(out.auto)/1e6).toFixed(2), (med(out.auto)/med(out.loop)).toFixed(3), 'batch1', (med(out.one)/1e6).toFixed(3));
}
await browser.close(); await server.close();
