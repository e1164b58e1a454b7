// Fails if modules of a crate use each other in a circle. (ESLint looks for circles in the page.)

import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { circles, usesOfCrate } from './lib/module-graph.mjs';
import { root } from './lib/paths.mjs';
import { Failure, runAsScript, say } from './lib/run.mjs';

/** Checks all crates of the workspace. */
export function checkCircles() {
  const crates = path.join(root, 'crates');
  const problems = readdirSync(crates)
    .map((name) => path.join(crates, name, 'src'))
    .filter(existsSync)
    .flatMap((src) => problemsOf(src));
  if (problems.length > 0) throw new Failure(problems.join('\n\n'));
}

/** @param {string} src */
function problemsOf(src) {
  const uses = usesOfCrate(src);
  const shown = path.relative(root, src);
  return circles(uses).map((circle) => {
    const inside = uses.filter(({ from, to }) => circle.includes(from) && circle.includes(to));
    const lines = inside.map(({ from, to, file, line }) => `  ${shown}/${file}:${line}: ${from} uses ${to}`);
    return [`${shown}: ${circle.join(', ')} use each other in a circle:`, ...lines].join('\n');
  });
}

await runAsScript(import.meta.url, async () => {
  checkCircles();
  say('No circles.');
});
