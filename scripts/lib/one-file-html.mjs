// The page as one file, put together of its parts.

import { createHash } from 'node:crypto';
import { Failure } from './run.mjs';

/** What previews show, in mail and on phones: they run no scripts. */
const WITHOUT_SCRIPTS =
  '<noscript>Clearpipe needs JavaScript: open this file in a browser such as Chrome, Edge, Firefox or Safari.</noscript>';

/**
 * @typedef {object} Parts
 * @property {string} html the page as it is served, before it is built
 * @property {string} script a module that imports nothing
 * @property {string} style with its fonts in it
 * @property {Buffer} icon an SVG
 */

/**
 * Puts script, style and icon into the page, with a policy that allows nothing else.
 * @param {Parts} parts
 */
export function oneFileHtml({ html, script, style, icon }) {
  const code = escaped(script);
  check('script', code);
  check('style', style);
  const policy = {
    'default-src': "'none'",
    'script-src': `${hashOf(code)} 'wasm-unsafe-eval'`,
    'worker-src': 'blob:',
    'style-src': hashOf(style),
    // The icon, and pictures that the page draws as SVG to make their pixels of that.
    'img-src': 'data: blob:',
    'font-src': 'data:',
    'base-uri': "'none'",
    'form-action': "'none'",
  };
  const directives = Object.entries(policy).map((directive) => directive.join(' '));
  const head = [
    // Before everything that it is about.
    `<meta http-equiv="Content-Security-Policy" content="${directives.join('; ')}" />`,
    '<meta name="referrer" content="no-referrer" />',
    `<link rel="icon" href="data:image/svg+xml;base64,${icon.toString('base64')}" />`,
    `<style>${style}</style>`,
  ];
  /** @type {[what: string, pattern: RegExp, change: (found: string) => string][]} */
  const changes = [
    ['links', /(^ *<link .*\n)+/m, () => ''],
    ['encoding', /^ *<meta charset="utf-8" \/>\n/m, (meta) => `${meta}${head.join('\n')}\n`],
    ['note', /^ *<!--[^]*?<p id="not-started">[^]*?<\/p>\n/m, () => `${WITHOUT_SCRIPTS}\n`],
    ['script', /<script .*<\/script>/, () => `<script type="module">${code}</script>`],
  ];
  return changes.reduce((html, [what, pattern, change]) => {
    if (!pattern.test(html)) throw new Failure(`index.html has no ${what} where it is expected.`);
    return html.replace(pattern, change);
  }, html);
}

/**
 * Writes what HTML would take for a tag or a comment in another way, which means the same in strings, templates and
 * regular expressions.
 * @param {string} script
 */
function escaped(script) {
  return script.replaceAll(/<(?=\/script|script|!--)/gi, '\\x3C');
}

/**
 * Makes sure that a browser reads a part as it is: to its end, and with this hash.
 * @param {'script' | 'style'} tag
 * @param {string} content
 */
function check(tag, content) {
  const [wrong] = new RegExp(`</${tag}|[\\0\\r]`, 'i').exec(content) ?? [];
  if (wrong) throw new Failure(`The ${tag} of the page contains ${JSON.stringify(wrong)}.`);
}

/** @param {string} content */
function hashOf(content) {
  return `'sha256-${createHash('sha256').update(content).digest('base64')}'`;
}
