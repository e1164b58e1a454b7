// Actions that choose settings: the situations of the page, and the way to the control of each setting.

import { LABELS } from '../settings/labels';
import { textOfSetting } from '../settings/link';
import { same } from '../settings/live';
import { PRESETS } from '../settings/presets';
import { ALL } from '../settings/registry';
import { visible } from '../visible';
import type { Action } from './action';
import type { ActionContext } from './context';

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
    ...ALL.map(([path, { key }]): Action => ({
      ...{ id: `setting.${path}`, group: 'Setting', title: titleOf(path) },
      words: `set change ${key} ${path.replaceAll(/[._]/g, ' ')}`,
      note: () => valueOf(session, path),
      isEnabled: () => hasSetting(path),
      run: () => {
        showSetting(path);
      },
    })),
  ];
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
