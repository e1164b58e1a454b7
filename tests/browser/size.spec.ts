// What a visitor has to load: the page and the engine that it chooses, as our server sends them, and later what is
// asked for, such as the charts or the exports.

import { readFileSync, readdirSync, statSync } from 'node:fs';
import { get } from 'node:http';
import { join, relative, sep } from 'node:path';
import { gzipSync } from 'node:zlib';
import { distDir } from '../../scripts/lib/paths.mjs';
import { expect, test } from './page';

/** To begin with, in bytes, with Brotli: 447,000 of the engine, 45,000 of the font. */
const FIRST_LIMIT = 710_000;

/** All of it, with Brotli. */
const LIMIT = 826_000;

/** The same for a server that compresses with gzip. */
const GZIP_LIMIT = 1_020_000;

function files(folder: string): string[] {
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .flatMap((path) => (statSync(path).isDirectory() ? files(path) : [path]));
}

/** What may be of use to a visitor: not the compressed forms, which come instead, nor the page as one file. */
function served(): string[] {
  return files(distDir).filter(
    (path) => !path.endsWith('.br') && relative(distDir, path) !== 'clearpipe.html',
  );
}

/** What a visitor loads: not the other engine. */
function loaded(): string[] {
  return served().filter((path) => !relative(distDir, path).includes('single'));
}

const sum = (sizes: number[]) => sizes.reduce((sum, size) => sum + size, 0);

/** How many bytes of a file are sent, as they are on their way. */
function sent(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    get(url, { headers: { 'Accept-Encoding': 'gzip, deflate, br, zstd' } }, (answer) => {
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => (bytes += chunk.length));
      answer.on('error', reject);
      answer.on('end', () => {
        if (answer.statusCode === 200) resolve(bytes);
        else reject(new Error(`${url}: ${answer.statusCode}`));
      });
    }).on('error', reject);
  });
}

test('what is loaded to begin with is small', async ({ browser, servers }) => {
  // It would load the rest for later.
  const context = await browser.newContext({ serviceWorkers: 'block' });
  const page = await context.newPage();
  const bodies: Promise<number>[] = [];
  page.on('requestfinished', (request) => {
    bodies.push(request.sizes().then(({ responseBodySize }) => responseBodySize));
  });
  await page.goto(servers.isolated, { waitUntil: 'networkidle' });
  await expect(page.locator('[data-engine=threads]')).toBeVisible();
  const total = sum(await Promise.all(bodies));
  await context.close();
  expect(total).toBeGreaterThan(500_000);
  expect(total).toBeLessThan(FIRST_LIMIT);
});

test('the page and its engine are small', async ({ servers }) => {
  const urls = loaded().map((path) => new URL(relative(distDir, path), servers.isolated).href);
  const total = sum(await Promise.all(urls.map(sent)));
  // Otherwise it has looked in the wrong place.
  expect(total).toBeGreaterThan(100_000);
  expect(total, 'with Brotli, which `npm run build` writes').toBeLessThan(LIMIT);
});

test('they are small enough with gzip, too', () => {
  const total = sum(loaded().map((path) => gzipSync(readFileSync(path), { level: 9 }).length));
  expect(total).toBeLessThan(GZIP_LIMIT);
});

test('the engine arrives compressed, and is compiled while it does', async ({ page, servers }) => {
  const engine = page.waitForResponse(/threads\/engine_bg\.wasm$/);
  await page.goto(servers.isolated);
  const { 'content-encoding': encoding, 'content-type': type } = await (await engine).allHeaders();
  expect(encoding).toBe('br');
  expect(type).toBe('application/wasm');
  // Otherwise it says so on the console.
  await expect(page.locator('[data-engine=threads]')).toBeVisible();
});

test('neither compressed forms nor the page as one file is kept for later', () => {
  const worker = readFileSync(join(distDir, 'service-worker.js'), 'utf8');
  const [, list = ''] = /const FILES = (\[.*?\]);/.exec(worker) ?? [];
  const kept = (JSON.parse(list) as string[]).map((file) => file.replace('./', ''));
  const expected = served().map((path) => relative(distDir, path).replaceAll(sep, '/'));
  expect([...kept.map((file) => file || 'index.html'), 'service-worker.js'].sort()).toEqual(
    expected.sort(),
  );
});
