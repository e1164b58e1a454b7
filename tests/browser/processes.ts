// The memory of a browser's processes, from Linux's /proc.

import { readFileSync, readdirSync } from 'node:fs';

interface Process {
  id: number;
  parent: number;
  command: string;
  /** The most memory that it has held, in bytes. */
  peak: number;
}

function processes(): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const status = readFileSync(`/proc/${name}/status`, 'utf8');
        const field = (key: string) =>
          Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8');
        return { id: Number(name), parent: field('PPid'), command, peak: field('VmHWM') * 1024 };
      } catch {
        // It has just ended.
        return [];
      }
    });
}

/** The most memory that the largest renderer, and the browser around it, have held, in bytes. */
export function peakMemory(userDataDir: string): { renderer: number; browser: number } {
  const all = processes();
  const main = all.find(
    ({ command }) => command.includes(userDataDir) && !command.includes('--type='),
  );
  if (!main) throw new Error('the browser has no process');
  const family = new Set([main.id]);
  for (let size = 0; size < family.size;) {
    size = family.size;
    for (const { id, parent } of all) if (family.has(parent)) family.add(id);
  }
  const renderers = all.filter(
    ({ id, command }) => family.has(id) && command.includes('--type=renderer'),
  );
  return { renderer: Math.max(...renderers.map(({ peak }) => peak)), browser: main.peak };
}
