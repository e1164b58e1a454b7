// The button under the verdict: what it does, in words.

import { count } from '../format';
import { LABELS } from '../settings/labels';
import type { Change } from './bottleneck';
import type { LimitAt } from './limit-at';
import { effectiveAt, wordOf } from './setting-changes';
import type { Topology } from '../recording/topology';

export interface Action {
  /** What it does: `Add a Transformer`. */
  label: string;
  /** From what to what: `3 → 4`. */
  detail: string;
  changes: readonly Change[];
}

/** Returns the button that applies the advice; null if there is none, or the page has no control for it. */
export function actionOf(
  {
    diagnosis,
    config,
    now,
    topology,
  }: Pick<LimitAt, 'diagnosis' | 'config' | 'now'> & { topology: Topology },
  node: number | null,
): Action | null {
  const { changes } = diagnosis;
  const [first] = changes;
  if (!first || !changes.every(({ path }) => path in LABELS)) return null;
  const named = (label: string, detail: string) => ({ label, detail, changes });
  const { path, value } = first;
  const from = effectiveAt(config, path);
  const steps = `${wordOf(path, from)} → ${wordOf(path, value)}`;
  switch (path) {
    case 'workers':
    case 'validator.workers':
    case 'transformer.workers': {
      const added = Number(value) - Number(from);
      const name = path === 'workers' || node === null ? 'worker' : topology.nameOf(node);
      const label = added === 1 ? `Add a ${name}` : `Add ${count(added)} ${name}s`;
      return named(label, steps);
    }
    case 'generator.rate_limit':
      return named('Lift the rate limit', steps);
    case 'batch':
      return named('Let batches grow', `${wordOf(path, from)} → ${wordOf(path, value)}`);
    case 'ordered':
      return named('Write without order', 'on → off');
    case 'window':
      return named('Let more be in flight', steps);
    case 'runtime.kind':
      return named('Use several threads', 'one → all');
    case 'runtime.threads':
      return named('Use more threads', `${count(now.threads)} → ${wordOf(path, value)}`);
    case 'runtime.cores':
      return named('Add a simulated core', `${count(now.threads)} → ${wordOf(path, value)}`);
    default: {
      if (!path.startsWith('channels.')) return named(`Set ${LABELS[path] ?? path}`, steps);
      if (value === null) return named('Make room in channels', 'as needed');
      const input = topology.inputsOf(node ?? -1)[0];
      const gauge = now.channels.find(
        ({ channel }) => input !== undefined && channel === topology.idOf(input),
      );
      const before = from ?? gauge?.capacity ?? null;
      const what = path === 'channels.capacity' ? 'the channels' : topology.nameOf(input ?? -1);
      return named(`Enlarge ${what}`, `${wordOf(path, before)} → ${wordOf(path, value)}`);
    }
  }
}
