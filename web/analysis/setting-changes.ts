// The changes of settings during a run, in words.

import type { Config } from '../engine/generated/Config';
import { count } from '../format';
import { STANDARD } from '../recording/topology';
import type { Recording } from '../recording/recording';
import { LABELS } from '../settings/labels';
import { LIVE_PATHS } from '../settings/live';

export type SettingValue = number | string | boolean | null;

/** A setting by its path in the configuration, before and after. */
export interface ChangedSetting {
  path: string;
  before: SettingValue;
  after: SettingValue;
  /** Both as they are read: `3`, `300–900 ms`. */
  from: string;
  to: string;
}

export interface SettingChange {
  /** When the first of these settings changed, and when the last, in nanoseconds: a slider is many changes. */
  from: number;
  time: number;
  settings: readonly ChangedSetting[];
  /** `Transformers 2 → 3`. */
  text: string;
}

/** Changes of the same settings that follow each other within this time are one, in nanoseconds. */
const TOGETHER = 1.5e9;

/** Returns the changes up to a time, in the order of time. What was taken back at once is none. */
export function settingChanges(recording: Recording, until: number): SettingChange[] {
  const changes: Omit<SettingChange, 'text'>[] = [];
  for (const { time, before, after } of recording.adjustments) {
    if (time > until) break;
    const settings = changedSettings(before, after);
    if (settings.length === 0) continue;
    const last = changes.at(-1);
    if (!last || time - last.time >= TOGETHER || !areSame(last.settings, settings)) {
      changes.push({ from: time, time, settings });
      continue;
    }
    changes.pop();
    const merged = settings
      .map((setting, at) => ({
        ...setting,
        before: last.settings[at]?.before ?? null,
        from: last.settings[at]?.from ?? '',
      }))
      .filter(({ before, after }) => before !== after);
    if (merged.length > 0) changes.push({ from: last.from, time, settings: merged });
  }
  return changes.map((change) => ({ ...change, text: textOf(change.settings) }));
}

function areSame(some: readonly ChangedSetting[], others: readonly ChangedSetting[]): boolean {
  return some.length === others.length && some.every(({ path }, at) => path === others[at]?.path);
}

/** Returns the live settings that differ. A number of workers for each pool is the same as one for all. */
export function changedSettings(before: Config, after: Config): ChangedSetting[] {
  return LIVE_PATHS.map((path) => ({
    path,
    before: valueAt(before, path),
    after: valueAt(after, path),
    from: wordOf(path, effectiveAt(before, path)),
    to: wordOf(path, effectiveAt(after, path)),
  })).filter(({ before, after }) => before !== after);
}

/**
 * Returns the value that a setting has, whether it is set or not: a pool or a channel without a number of its own has
 * that of all.
 */
export function effectiveAt(config: Config, path: string): SettingValue {
  const ofAll = pathOfAll(path);
  return valueAt(config, path) ?? (ofAll === null ? null : valueAt(config, ofAll));
}

/** Returns the setting of all pools or channels that holds for one without a number of its own; null for any other. */
export function pathOfAll(path: string): string | null {
  if (path.endsWith('.workers')) return 'workers';
  return path.startsWith('channels.') ? 'channels.capacity' : null;
}

/** Returns a setting of a configuration by its path; null if it isn't set. */
export function valueAt(config: Config, path: string): SettingValue {
  let value: unknown = config;
  for (const name of path.split('.')) {
    value = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  }
  return typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean'
    ? value
    : null;
}

/** Describes changed settings: the first of them, and how many there are more. */
function textOf(settings: readonly ChangedSetting[]): string {
  const [first, ...more] = settings;
  if (!first) return '';
  const text = `${nameOf(first.path)} ${first.from} → ${first.to}`;
  return more.length > 0 ? `${text}, and ${more.length} more` : text;
}

/** Returns what a setting is called in the picture: `Transformers`, `Transformer takes`. */
export function nameOf(path: string): string {
  const [, stage = '', kind = ''] = /^service\.(\w+)\.(\w+)$/.exec(path) ?? [];
  const node = STANDARD.stages.find(({ id }) => id === stage)?.node;
  if (node === undefined) return LABELS[path] ?? path;
  return `${STANDARD.nameOf(node)} ${kind === 'compute' ? 'computes' : 'takes'}`;
}

/** Returns a value as it is read: `300–900 ms`, `off`, `4`. */
export function wordOf(path: string, value: SettingValue): string {
  if (value === null) return 'default';
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (typeof value === 'number')
    return path === 'generator.rate_limit' && value === 0 ? 'off' : count(value);
  return value.replace('-', '–').replace(/(\d)([a-zµ]+)$/, '$1\u00a0$2');
}
