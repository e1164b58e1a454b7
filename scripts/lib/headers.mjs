// The headers that the page is served with, by `clearpipe serve` and by Vite. Threads require those of `ISOLATION`.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.mjs';

/**
 * The policy: the page may only load its own files, and doesn't send data anywhere. Images may also be blobs, which only
 * the page itself can make: it draws pictures that it exports as SVG, and makes their pixels of that.
 * @type {Record<'isolation' | 'protection' | 'policy', Record<string, string>>}
 */
const { isolation, protection, policy } = JSON.parse(
  readFileSync(join(root, 'crates/server/headers.json'), 'utf8'),
);

/** Threads require cross-origin isolation. */
export const ISOLATION = isolation;

/** @param {Record<string, string>} directives */
function withPolicy(directives) {
  return {
    'Content-Security-Policy': Object.entries(directives)
      .map((directive) => directive.join(' '))
      .join('; '),
    ...protection,
  };
}

/** For the built page, in addition to [`ISOLATION`]. */
export const PROTECTION = withPolicy(policy);

/**
 * For Vite's development server, which inserts styles into the page and communicates with it over a
 * web socket.
 */
export const DEVELOPMENT = withPolicy({
  ...policy,
  'style-src': "'self' 'unsafe-inline'",
  'connect-src': "'self' ws:",
});
