// Actions that move the time on screen, and those on what is followed there.

import { SPEEDS, speedName } from '../recording/playback';
import type { Screen } from '../screen.svelte';
import type { Action } from './action';
import type { ActionContext } from './context';

export function playbackActions({ screen, findRecord }: ActionContext): Action[] {
  return [
    ...shuttleActions(screen),
    ...stepActions(screen),
    ...recordActions(screen, findRecord),
    ...speedActions(screen),
  ];
}

/** Whether there is a time to move to. */
const hasTime = ({ view }: Screen): boolean => view.end > view.begin;

function shuttleActions(screen: Screen): Action[] {
  const isEnabled = () => hasTime(screen);
  return [
    {
      ...{ id: 'play-back', group: 'Playback', title: 'Play backwards; again: faster' },
      ...{ keys: ['j'], words: 'reverse rewind', isEnabled },
      run: () => {
        screen.shuttle(-1);
      },
    },
    {
      ...{ id: 'halt', group: 'Playback', title: 'Halt the picture' },
      ...{ keys: ['k'], words: 'pause replay look back freeze', isEnabled },
      run: () => {
        screen.halt();
      },
    },
    {
      ...{ id: 'play', group: 'Playback', title: 'Play forwards; again: faster' },
      ...{ keys: ['l'], words: 'replay', isEnabled },
      run: () => {
        screen.shuttle(1);
      },
    },
    {
      ...{ id: 'replay-slowly', group: 'Playback', title: 'Replay slowly' },
      ...{ words: 'slow motion from the beginning', isEnabled },
      run: () => {
        screen.replaySlowly();
      },
    },
    {
      ...{ id: 'live', group: 'Playback', title: 'Back to live' },
      words: 'now follow run',
      isEnabled: () => !screen.view.live && screen.recording?.origin === 'live',
      run: () => {
        screen.goLive();
      },
    },
  ];
}

function stepActions(screen: Screen): Action[] {
  const step = (
    id: string,
    title: string,
    keys: readonly string[],
    run: (direction: 1 | -1) => void,
  ): Action[] =>
    ([-1, 1] as const).map((direction, at) => ({
      id: `${id}-${direction < 0 ? 'back' : 'forward'}`,
      group: 'Playback',
      title: `${direction < 0 ? 'Back' : 'Forward'} ${title}`,
      // Each second key is the one for forwards.
      keys: keys.filter((_, key) => key % 2 === at),
      words: `step ${direction < 0 ? 'previous last' : 'next'}`,
      isEnabled: () => hasTime(screen),
      run: () => {
        run(direction);
      },
    }));
  return [
    ...step('event', 'one event', [',', '.', 'ArrowLeft', 'ArrowRight'], (direction) => {
      screen.step(direction);
    }),
    ...step('record', 'one record', ['[', ']'], (direction) => {
      screen.stepRecord(direction);
    }),
    ...step('time', 'a moment', ['Shift+ArrowLeft', 'Shift+ArrowRight'], (direction) => {
      screen.stepTime(direction);
    }),
    {
      ...{ id: 'begin', group: 'Playback', title: 'To the beginning', keys: ['Home'] },
      words: 'start first',
      isEnabled: () => hasTime(screen),
      run: () => {
        screen.seekEnd('begin');
      },
    },
    {
      ...{ id: 'end', group: 'Playback', title: 'To the end', keys: ['End'] },
      words: 'finish last',
      isEnabled: () => hasTime(screen),
      run: () => {
        screen.seekEnd('end');
      },
    },
  ];
}

function recordActions(screen: Screen, findRecord: () => void): Action[] {
  return [
    {
      ...{ id: 'find-record', group: 'Record', title: 'Follow a record…', keys: ['/'] },
      words: 'number id find search inspect journey',
      run: findRecord,
    },
    {
      ...{ id: 'let-go', group: 'Record', title: 'Let go of what is chosen', keys: ['Escape'] },
      words: 'unfollow deselect clear selection',
      isEnabled: () => screen.chosen !== null || screen.focus !== null,
      run: () => {
        screen.letGo();
      },
    },
  ];
}

function speedActions(screen: Screen): Action[] {
  return [
    {
      ...{ id: 'slower', group: 'Speed', title: 'Slower', keys: ['-', '<'] },
      note: () => speedName(screen.view.speed),
      run: () => {
        screen.changeSpeed(-1);
      },
    },
    {
      ...{ id: 'faster', group: 'Speed', title: 'Faster', keys: ['+', '>', '='] },
      note: () => speedName(screen.view.speed),
      run: () => {
        screen.changeSpeed(1);
      },
    },
    ...SPEEDS.map((speed): Action => ({
      ...{ id: `speed.${speed}`, group: 'Speed', title: `Speed: ${speedName(speed)}` },
      words: `slow motion ${speed === 1 ? 'real time' : ''}`,
      isEnabled: () => screen.recording !== null && screen.view.speed !== speed,
      run: () => {
        screen.setSpeed(speed);
      },
    })),
  ];
}
