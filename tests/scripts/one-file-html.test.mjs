// The page as one file is put together so that a browser reads its parts as they are.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { oneFileHtml } from '../../scripts/lib/one-file-html.mjs';
import { root } from '../../scripts/lib/paths.mjs';

const html = readFileSync(join(root, 'index.html'), 'utf8');
const parts = { html, script: 'start();', style: 'p{}', icon: Buffer.from('<svg/>') };

/** @param {string} content */
const sha256 = (content) => `'sha256-${createHash('sha256').update(content).digest('base64')}'`;

/**
 * @param {string} page
 * @param {'script' | 'style'} tag
 */
function contentOf(page, tag) {
  const [, content, ...others] = page.split(new RegExp(`<${tag}[^>]*>([^]*?)</${tag}>`));
  expect(others, 'exactly one').toHaveLength(1);
  return content;
}

test('it loads nothing, and allows only its own script and style', () => {
  const page = oneFileHtml(parts);
  expect(contentOf(page, 'script')).toBe('start();');
  expect(contentOf(page, 'style')).toBe('p{}');
  expect(page.match(/(?:src|href)="[^"]*"/g)).toEqual([
    'href="data:image/svg+xml;base64,PHN2Zy8+"',
  ]);
  const [, policy = ''] = /Content-Security-Policy" content="([^"]*)"/.exec(page) ?? [];
  const directives = policy.split('; ');
  expect(directives).toContain("default-src 'none'");
  expect(directives).toContain(`script-src ${sha256('start();')} 'wasm-unsafe-eval'`);
  expect(directives).toContain(`style-src ${sha256('p{}')}`);
  // Its icon is within it, and what it draws as an image is its own.
  expect(directives).toContain('img-src data: blob:');
  expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'|http|\*/);
  // It holds for everything behind it.
  expect(page.indexOf('Content-Security-Policy')).toBeLessThan(page.indexOf('<style>'));
});

test('a script keeps its meaning, whatever it contains', () => {
  const texts = ['</script>', '</SCRIPT >', '<script>', '<!-- <script>', "$& $' $1 $$", '<!->'];
  const script = `texts = ${JSON.stringify(texts)}; isFound = /<!--/u.test(texts[3]);`;
  const written = contentOf(oneFileHtml({ ...parts, script }), 'script');
  expect(written).not.toMatch(/<\/?script|<!--/i);
  /** @type {{ texts?: string[], isFound?: boolean }} */
  const run = {};
  runInNewContext(written, run);
  expect(run.texts).toEqual(texts);
  expect(run.isFound).toBe(true);
});

test('what a browser would read in another way is refused', () => {
  for (const style of ['p::after{content:"</style>"}', 'p{}\r\n', 'p{}\0']) {
    expect(() => oneFileHtml({ ...parts, style })).toThrow('The style of the page contains');
  }
  expect(() => oneFileHtml({ ...parts, script: 'a\r\nb' })).toThrow('The script of the page');
  expect(() => oneFileHtml({ ...parts, html: '<p>' })).toThrow('index.html has no links');
});
