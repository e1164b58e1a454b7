// Whether a try at a challenge has reached its goal, and how it compares with the best one.

import { listed } from '../format';
import { LABELS } from '../settings/labels';
import { effectiveText } from '../settings/effective';
import { differingSettings, textOfSetting } from '../settings/link';
import type { Settings } from '../settings/settings';
import type { Condition, Goal, Value } from './lesson';
import { measured } from './measured';
import type { Runs } from './measured';
import { settingsOf } from './settings';
import { costOf, holds } from './values';

/** A try at a challenge. */
export interface Try {
  /** The settings that may be changed, as text. */
  settings: string;
  conditions: readonly { condition: Condition; found: number; holds: boolean }[];
  /** Whether all of them hold, and only what may be changed was changed. */
  isReached: boolean;
  /** What else was changed, in words; empty for nothing. */
  others: string;
  /** How the settings compare with the best ones; null if that isn't told, or if there are no best ones. */
  comparison: 'best' | 'better' | 'dearer' | null;
}

/** Judges the run of a challenge with these settings. */
export function judge(goal: Goal, settings: Settings, runs: Runs): Try {
  const begin = settingsOf(goal.config);
  const isOffered = (path: string, value: string) =>
    goal.may_change.some(
      (change) =>
        change.path === path && change.values.some((offered) => String(offered) === value),
    );
  const others = differingSettings(begin, settings)
    .filter(({ path, to }) => path !== 'pace' && !isOffered(path, to))
    .map(({ path, to }) => `${LABELS[path] ?? path} ${to === '' ? 'as by default' : to}`);
  const conditions = goal.reach.map((condition) => {
    const found = measured(condition.measure, runs);
    return { condition, found, holds: holds(condition, found) };
  });
  const isReached = others.length === 0 && conditions.every(({ holds }) => holds);
  return {
    settings: goal.may_change
      .map(({ path }) => `${LABELS[path] ?? path} ${textOfSetting(settings, path) ?? ''}`.trim())
      .join(', '),
    ...{ conditions, isReached, others: listed(others) },
    comparison: isReached ? compared(goal, settings) : null,
  };
}

function compared(goal: Goal, settings: Settings): Try['comparison'] {
  const own = costOf(goal, (path) => valueOf(settings, path));
  const begin = settingsOf(goal.config);
  const best = costOf(goal, (path) => goal.optimum[path] ?? valueOf(begin, path));
  if (own === null || best === null) return null;
  if (Math.abs(own - best) < 1e-9) return 'best';
  return own < best ? 'better' : 'dearer';
}

/** What a setting amounts to. */
function valueOf(settings: Settings, path: string): Value {
  const text = effectiveText(settings, path);
  if (text === '') return 0;
  return Number.isNaN(Number(text)) ? text : Number(text);
}
