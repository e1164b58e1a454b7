// Fails if modules depend on each other in a cycle: those of a crate, or the files of the page.

import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { circles, importsOfPage, usesOfCrate } from './lib/module-graph.mjs';
import { root } from './lib/paths.mjs';
import { Failure, runAsScript, say } from './lib/run.mjs';

/** Checks all crates of the workspace, and the page. */
export async function checkCircles() {
  const crates = path.join(root, 'crates');
  const sources = readdirSync(crates)
    .map((name) => path.join(crates, name, 'src'))
    .filter(existsSync);
  const page = path.join(root, 'web');
  const problems = [
    ...sources.flatMap((src) => problemsOf(src, usesOfCrate(src))),
    ...problemsOf(page, importsOfPage(page)),
  ];
  if (problems.length > 0) throw new Failure(problems.join('\n\n'));
}

/**
 * @param {string} folder
 * @param {import('./lib/module-graph.mjs').Use[]} uses
 */
function problemsOf(folder, uses) {
  const shown = path.relative(root, folder);
  return circles(uses).map((circle) => {
    const inside = uses.filter(({ from, to }) => circle.includes(from) && circle.includes(to));
    // One location is enough for each pair.
    const first = new Map(inside.reverse().map((use) => [`${use.from} uses ${use.to}`, use]));
    const lines = [...first].map(([what, { file, line }]) => `  ${shown}/${file}:${line}: ${what}`);
    const names = circle.join(', ');
    return [`${shown}: ${names} use each other in a circle:`, ...lines.sort()].join('\n');
  });
}

await runAsScript(import.meta.url, async () => {
  await checkCircles();
  say('No circles.');
});
