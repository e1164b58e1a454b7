// Actions that choose settings: the situations of the page, and the way to the control of each setting.

import { LABELS } from '../settings/labels';
import { constraintOf, setText, textOfSetting } from '../settings/link';
import { same } from '../settings/live';
import { PRESETS } from '../settings/presets';
import { ALL, keyOf } from '../settings/registry';
import type { SettingPath } from '../settings/registry';
import { openingRun } from '../settings/settings';
import { visible } from '../visible';
import type { Action } from './action';
import type { ActionContext } from './context';
import { score } from './search';

/** How much of a value is shown beside a setting, in characters. */
const MAX_NOTE = 24;

export function settingActions({ session, hasSetting, showSetting }: ActionContext): Action[] {
  return [
    ...PRESETS.map((preset): Action => ({
      ...{ id: `preset.${preset.id}`, group: 'Situation', title: `Situation: ${preset.title}` },
      words: `preset example ${preset.watch}`,
      note: () => (same(preset.settings, session.settings) ? 'on screen' : ''),
      run: () => void session.beginWith(structuredClone(preset.settings)),
    })),
    ...ALL.map(([path]): Action => ({
      ...{ id: `setting.${path}`, group: 'Setting', title: titleOf(path) },
      words: wordsOf(path),
      note: () => valueOf(session, path),
      isEnabled: () => hasSetting(path),
      run: () => {
        showSetting(path);
      },
    })),
  ];
}

/** How many settings a value is offered for, and how well they must fit what was typed. */
const [MOST_TYPED, WELL] = [3, 40];

interface Typed {
  path: string;
  /** As the setting is called. */
  name: string;
  /** The value that was typed for it. */
  value: string;
}

/** Returns the settings for which a value was typed, best first. */
function typedFor({ hasSetting }: Pick<ActionContext, 'hasSetting'>, query: string): Typed[] {
  const [, name = '', value = ''] = /^(\S.*?)(?:\s*[=:]\s*|\s+)(\S+)$/.exec(query.trim()) ?? [];
  if (value === '') return [];
  return ALL.map(([path]) => ({ path, title: titleOf(path), words: wordsOf(path) }))
    .map((setting) => ({ ...setting, fit: score({ ...setting, group: 'Setting' }, name) }))
    .filter(({ path, title, fit }) => fit >= WELL && isNamed(title, name) && hasSetting(path))
    .sort((a, b) => b.fit - a.fit)
    .map(({ path, title }) => ({ path, name: title.replace(/…$/, ''), value }));
}

const isValid = ({ path, value }: Typed): boolean => setText(openingRun(), path, value);

/** Returns actions that set what is typed, such as `transformers 6`. */
export function typedSettings(
  context: Pick<ActionContext, 'session' | 'hasSetting'>,
  query: string,
): Action[] {
  const { session } = context;
  return typedFor(context, query)
    .filter(isValid)
    .slice(0, MOST_TYPED)
    .map(({ path, name, value }) => ({
      ...{ id: `typed.${path}`, group: 'Setting' },
      title: `Set ${name} to ${visible(value)}`,
      note: () => `now ${valueOf(session, path) || 'the default'}`,
      run: () => {
        setText(session.settings, path, value);
        // How files are read changes what is guessed of them.
        if (path.startsWith('input.')) void session.inspectFiles();
      },
    }));
}

/** Says why what is typed for a setting can't be its value; empty if it can, or if nothing was typed for one. */
export function typedProblem(context: Pick<ActionContext, 'hasSetting'>, query: string): string {
  const [first] = typedFor(context, query);
  if (!first || isValid(first)) return '';
  return `${first.name} must be ${constraintOf(first.path) ?? 'something else'}.`;
}

/** Whether each word of what was typed begins a word of the title: less is likely to mean something else. */
function isNamed(title: string, name: string): boolean {
  const words = title.toLowerCase().split(/[^\p{L}\p{N}]+/u);
  return name
    .toLowerCase()
    .split(/\s+/)
    .every((typed) => words.some((word) => word.startsWith(typed)));
}

function wordsOf(path: SettingPath): string {
  return `set change ${keyOf(path)} ${path.replaceAll(/[._]/g, ' ')}`;
}

/** Returns what a setting is of, and what: labels alone say that only beside others. */
function titleOf(path: string): string {
  const label = LABELS[path] ?? path;
  if (path === 'workers') return 'Workers of each pool…';
  if (path === 'channels.capacity') return 'Buffer of each channel…';
  if (path.endsWith('.workers')) return `${label}: workers…`;
  return path.startsWith('channels.') ? `${label}: buffer…` : `${label}…`;
}

/** Returns the value of a setting, as far as there is room for it. */
function valueOf({ settings }: ActionContext['session'], path: string): string {
  const text = visible(textOfSetting(settings, path) ?? '');
  return text.length > MAX_NOTE ? `${text.slice(0, MAX_NOTE)}…` : text;
}
