// Actions that go to moments of the run: those of the log, those of the user, and the one that matters.

import { moment } from '../analysis/format-time';
import { momentsOf } from '../analysis/moments';
import type { MomentKind } from '../analysis/moments';
import { MAX_MARKS } from '../marks';
import { STANDARD } from '../recording/topology';
import type { Screen } from '../screen.svelte';
import type { Action } from './action';
import type { ActionContext } from './context';

/** How many events are read to answer a question about moments while nobody waits. */
const BUDGET = 4096;

/** What is jumped to, forwards and backwards, and the keys for that. */
const JUMPS: readonly {
  kind: MomentKind;
  title: string;
  keys?: readonly [string, string];
  words: string;
}[] = [
  { kind: 'full', title: 'channel that fills up', keys: ['f', 'F'], words: 'full first queue' },
  { kind: 'blocked', title: 'worker that blocks', keys: ['b', 'B'], words: 'blocked held up' },
  { kind: 'released', title: 'worker that is released', words: 'released unblocked' },
  { kind: 'failure', title: 'failure', keys: ['x', 'X'], words: 'failed invalid error' },
  { kind: 'anomaly', title: 'anomaly', keys: ['a', 'A'], words: 'anomalies' },
  { kind: 'idle', title: 'worker without work', keys: ['i', 'I'], words: 'idle waiting starved' },
  { kind: 'setting', title: 'change of settings', words: 'setting changed' },
];

export function momentActions({ screen }: ActionContext): Action[] {
  const hasTime = () => screen.view.end > screen.view.begin;
  return [
    {
      ...{ id: 'moment', group: 'Jump to', title: 'Show the moment that matters', keys: ['g'] },
      words: 'bottleneck limit verdict important',
      note: () => (screen.moment ? moment(screen.moment.time) : ''),
      isEnabled: () => screen.moment !== null,
      run: () => {
        screen.showMoment();
      },
    },
    ...STANDARD.channels.map(({ node }): Action => firstFull(screen, node)),
    {
      ...{ id: 'slowest', group: 'Jump to', title: 'Jump to: the slowest record' },
      words: 'longest latency',
      note: () => moment(slowestOf(screen)?.from ?? 0),
      isEnabled: () => slowestOf(screen) !== null,
      run: () => {
        const slowest = slowestOf(screen);
        if (!slowest) return;
        screen.followRecord(slowest.record);
        screen.standAt(slowest.from);
      },
    },
    ...JUMPS.flatMap(({ kind, title, keys, words }) =>
      ([1, -1] as const).map((direction): Action => ({
        id: `${kind}-${direction === 1 ? 'next' : 'last'}`,
        group: 'Jump to',
        title: `${direction === 1 ? 'Next' : 'Previous'} ${title}`,
        ...(keys && { keys: [keys[direction === 1 ? 0 : 1]] }),
        words: `jump to ${direction === 1 ? 'next' : 'last'} ${words}`,
        isEnabled: hasTime,
        run: () => void screen.jump(kind, direction, title),
      })),
    ),
    ...markActions(screen, hasTime),
  ];
}

function firstFull(screen: Screen, channel: number): Action {
  const found = () => {
    const { recording } = screen;
    if (!recording?.topology.has(channel)) return null;
    const moments = momentsOf(recording);
    moments.catchUp(BUDGET);
    return moments.firstFull(channel);
  };
  return {
    ...{ id: `full.${channel}`, group: 'Jump to' },
    title: `Jump to: ${STANDARD.nameOf(channel)} full for the first time`,
    words: 'backpressure',
    note: () => moment(found()?.time ?? 0),
    isEnabled: () => found() !== null,
    run: () => {
      const time = found()?.time;
      if (time !== undefined) screen.standAt(time);
    },
  };
}

function slowestOf({ recording }: Screen) {
  const slowest = recording && momentsOf(recording).slowest;
  return slowest && slowest.from >= recording.log.firstTime ? slowest : null;
}

function markActions(screen: Screen, hasTime: () => boolean): Action[] {
  return [
    {
      ...{ id: 'mark', group: 'Jump to', title: 'Mark this moment', keys: ['m'] },
      words: 'bookmark note flag remember',
      isEnabled: () => hasTime() && screen.marks.length < MAX_MARKS,
      run: () => {
        screen.addMark(`Mark ${screen.marks.length + 1}`);
      },
    },
    ...([1, -1] as const).map((direction): Action => ({
      id: `mark-${direction === 1 ? 'next' : 'last'}`,
      group: 'Jump to',
      title: `${direction === 1 ? 'Next' : 'Previous'} mark`,
      keys: [direction === 1 ? "'" : '"'],
      words: 'jump to bookmark',
      isEnabled: () => screen.marks.length > 0,
      run: () => {
        screen.jumpToMark(direction);
      },
    })),
  ];
}
