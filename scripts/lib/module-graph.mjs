// Which modules use which, read from their source: of a Rust crate, and of the page.
//
// A module of a crate is the first component of a path below `src/`: `stages/validator.rs` belongs
// to `stages`. A module of the page is a file. Code that only exists for tests is left out.

import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

/** The crate's root: `lib.rs` or `main.rs`. */
export const ROOT = 'crate';

/**
 * A use of one module by another one.
 * @typedef {object} Use
 * @property {string} from
 * @property {string} to
 * @property {string} file relative to the folder that was read
 * @property {number} line from 1
 */

/**
 * Returns all uses of a module of a crate by another module of it.
 * @param {string} src the crate's folder `src`
 * @returns {Use[]}
 */
export function usesOfCrate(src) {
  return usesOf(read(src, (file) => file.endsWith('.rs')));
}

/**
 * Returns all imports of a file of the page by another one, including imports of types only.
 * @param {string} folder
 * @returns {Use[]}
 */
export function importsOfPage(folder) {
  return importsOf(
    read(folder, (file) => /\.(ts|svelte)$/.test(file) && !/\.test\.ts$|^public\//.test(file)),
  );
}

/**
 * @param {string} folder
 * @param {(file: string) => boolean} isWanted
 * @returns {Map<string, string>}
 */
function read(folder, isWanted) {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((file) => file.split(path.sep).join('/'))
    .filter(isWanted)
    .sort();
  return new Map(files.map((file) => [file, readFileSync(path.join(folder, file), 'utf8')]));
}

/**
 * @param {Map<string, string>} sources the text of each file, by its path
 * @returns {Use[]}
 */
export function importsOf(sources) {
  const specifier = /(?:\bfrom|\bimport|\bimport\s*\()\s*(['"])(\.{1,2}\/[^'"]+)\1/g;
  return [...sources].flatMap(([file, text]) =>
    [...text.matchAll(specifier)].flatMap(({ 2: name = '', index }) => {
      const target = path.posix.join(path.posix.dirname(file), name);
      const to = [target, `${target}.ts`].find((candidate) => sources.has(candidate));
      const line = text.slice(0, index).split('\n').length;
      return to === undefined || to === file ? [] : [{ from: file, to, file, line }];
    }),
  );
}

/**
 * @param {Map<string, string>} sources the text of each file, by its path below `src/`
 * @returns {Use[]}
 */
export function usesOf(sources) {
  const codes = new Map([...sources].map(([file, text]) => [file, withoutTests(code(text))]));
  const forTests = [...sources].flatMap(([file, text]) => testModules(file, code(text)));
  const isForTests = (/** @type {string} */ file) =>
    forTests.some((module) => file === `${module}.rs` || file.startsWith(`${module}/`));
  const modules = new Set([...codes.keys()].map((file) => moduleOf(file)[0] ?? ROOT));
  return [...codes].flatMap(([file, text]) =>
    isForTests(file) ? [] : usesIn(file, text, modules),
  );
}

/**
 * Returns the path of a file's module; empty for the root.
 * @param {string} file
 */
function moduleOf(file) {
  const parts = file.replace(/\.rs$/, '').split('/');
  if (['mod', 'lib', 'main'].includes(parts.at(-1) ?? '')) parts.pop();
  return parts;
}

/**
 * @param {string} file
 * @param {string} text
 * @param {Set<string>} modules
 * @returns {Use[]}
 */
function usesIn(file, text, modules) {
  const module = moduleOf(file);
  const from = module[0] ?? ROOT;
  const inlineModules = [...text.matchAll(/\bmod\s+\w+\s*\{/g)].map(
    ({ index }) => /** @type {const} */ ([index, endOfItem(text, index)]),
  );
  const lineAt = (/** @type {number} */ index) => text.slice(0, index).split('\n').length;
  // Only in the root can a path begin with the name of one of these modules.
  const fromRoot = [...text.matchAll(/(?<!::\s*|\.|\w)(\w+)\s*::/g)].flatMap(
    ({ 1: to = '', index }) =>
      from === ROOT && modules.has(to) && to !== ROOT
        ? [{ from, to, file, line: lineAt(index) }]
        : [],
  );
  const uses = [...text.matchAll(/\b(crate|super(?:\s*::\s*super)*)\s*::\s*(\{|\w+)/g)].flatMap(
    (match) => {
      const [whole, start = '', first = ''] = match;
      const inline = inlineModules.filter(
        ([begin, end]) => begin < match.index && match.index < end,
      );
      const depth = module.length + inline.length;
      const levels = start === 'crate' ? depth : start.split('::').length;
      // `super` of a module within a module stays in it.
      const base = module.slice(0, Math.max(0, depth - levels));
      const line = lineAt(match.index);
      const names = first === '{' ? groupOf(text.slice(match.index + whole.length)) : [first];
      return names
        .map((name) => base[0] ?? (modules.has(name) ? name : ROOT))
        .filter((to) => to !== from)
        .map((to) => ({ from, to, file, line }));
    },
  );
  return [...fromRoot, ...uses];
}

/**
 * Returns the first name of each path of a group, given the text after its opening brace.
 * @param {string} text
 */
function groupOf(text) {
  /** @type {string[]} */
  const names = [];
  let depth = 1;
  let isStart = true;
  for (const [token] of text.matchAll(/[{},]|\w+/g)) {
    if (token === '{') depth += 1;
    else if (token === '}') depth -= 1;
    else if (token === ',') isStart = depth === 1;
    else if (isStart) {
      names.push(token);
      isStart = false;
    }
    if (depth === 0) break;
  }
  return names;
}

/**
 * Removes comments and the insides of strings, and keeps line numbers.
 * @param {string} source
 */
function code(source) {
  const token =
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|b?r(#*)"[\s\S]*?"\1|b?"(?:\\[\s\S]|[^"\\])*"|b?'(?:\\[^\n]{1,10}?|[^'\\\n])'/g;
  return source.replace(token, (text) => '\n'.repeat(text.split('\n').length - 1));
}

/** Matches the attribute of an item that only exists for tests. */
const TEST = /#\[cfg\((?:test|all\(test\b[^\]]*\))\)\]\s*(?:#\[[^\]]*\]\s*)*/g;

/**
 * Removes code that only exists for tests, and keeps line numbers.
 * @param {string} text
 */
function withoutTests(text) {
  let result = text;
  for (const { index } of [...text.matchAll(TEST)].reverse()) {
    const end = endOfItem(result, index);
    const lines = result.slice(index, end).split('\n').length - 1;
    result = result.slice(0, index) + '\n'.repeat(lines) + result.slice(end);
  }
  return result;
}

/**
 * Returns the end of the item that begins at an index: after its block, or its semicolon.
 * @param {string} text
 * @param {number} start
 */
function endOfItem(text, start) {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const letter = text[at];
    if (letter === '{') depth += 1;
    if (letter === '}') depth -= 1;
    if (depth === 0 && (letter === '}' || letter === ';')) return at + 1;
  }
  return text.length;
}

/**
 * Returns the modules that only exist for tests and have their own file, as paths below `src/`.
 * @param {string} file
 * @param {string} text
 */
function testModules(file, text) {
  const declared = new RegExp(`${TEST.source}(?:pub(?:\\([^)]*\\))?\\s+)?mod\\s+(\\w+)\\s*;`, 'g');
  return [...text.matchAll(declared)].map(([, name = '']) => [...moduleOf(file), name].join('/'));
}

/**
 * Returns the dependency cycles: each is a set of modules that all use each other, directly or
 * indirectly.
 * @param {Use[]} uses
 * @returns {string[][]}
 */
export function circles(uses) {
  /** @type {Map<string, Set<string>>} */
  const next = new Map();
  for (const { from, to } of uses) {
    next.set(from, (next.get(from) ?? new Set()).add(to));
  }
  const reached = new Map([...next.keys()].map((module) => [module, reachedFrom(module, next)]));
  const reaches = (/** @type {string} */ from, /** @type {string} */ to) =>
    reached.get(from)?.has(to) ?? false;
  const inCircles = [...next.keys()].filter((module) => reaches(module, module)).sort();
  const found = inCircles.map((module) =>
    inCircles.filter((other) => reaches(module, other) && reaches(other, module)),
  );
  return found.filter((circle, at) => inCircles.indexOf(circle[0] ?? '') === at);
}

/**
 * @param {string} module
 * @param {Map<string, Set<string>>} next
 */
function reachedFrom(module, next) {
  /** @type {Set<string>} */
  const reached = new Set();
  const open = [module];
  for (let from = open.pop(); from !== undefined; from = open.pop()) {
    for (const to of next.get(from) ?? []) {
      if (!reached.has(to)) open.push(to);
      reached.add(to);
    }
  }
  return reached;
}
