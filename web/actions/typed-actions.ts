// Actions that follow from what is typed: a time is gone to, a record is followed, a setting gets a value.

import { parseTime } from '../recording/time-text';
import { duration, moment } from '../analysis/format-time';
import type { Action } from './action';
import type { ActionContext } from './context';
import { typedSettings } from './setting-actions';

/** Returns the actions for what was typed into the palette. */
export function typedActions(
  context: Pick<ActionContext, 'screen' | 'session' | 'hasSetting'>,
  query: string,
): Action[] {
  const { screen } = context;
  const { view, recording } = screen;
  const time = parseTime(query);
  if (time !== null && view.end > view.begin) {
    const to = Math.min(view.end, Math.max(view.begin, time));
    return [
      {
        ...{ id: 'typed.time', group: 'Jump to', title: `Jump to: ${moment(to)}` },
        run: () => {
          screen.standAt(to);
        },
      },
    ];
  }
  const held = parseTime(/^held\b(?: for| longer than|)(.*)$/i.exec(query.trim())?.[1] ?? '');
  if (held !== null && view.end > view.begin) {
    const name = `record held up for longer than ${duration(held)}`;
    return ([1, -1] as const).map((direction) => ({
      ...{ id: `typed.held${direction}`, group: 'Jump to' },
      title: `${direction === 1 ? 'Next' : 'Previous'} ${name}`,
      run: () => void screen.jump('blocked', direction, name, { longerThan: held }),
    }));
  }
  const record = /^(?:(?:follow )?record )?(?:#|rec-)?(\d{1,13})$/i.exec(query.trim())?.[1];
  if (record === undefined || !recording) return typedSettings(context, query);
  return [
    {
      ...{ id: 'typed.record', group: 'Record', title: `Follow record #${record}` },
      run: () => {
        screen.followRecord(Number(record));
      },
    },
  ];
}
