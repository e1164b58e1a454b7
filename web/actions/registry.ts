// Everything that can be done on the page. Whoever builds the page gives it what there is, and gets the actions.

import type { Action } from './action';
import type { ActionContext } from './context';
import { compareActions } from './compare-actions';
import { exportActions } from './export-actions';
import { momentActions } from './moment-actions';
import { playbackActions } from './playback-actions';
import { settingActions } from './setting-actions';
import { sweepActions } from './sweep-actions';

export type { ActionContext, Panel } from './context';

/** Returns all actions, in the order of lists. They act on the page as it is when they are run. */
export function actionsOf(context: ActionContext): Action[] {
  return [
    ...runActions(context),
    ...playbackActions(context),
    ...momentActions(context),
    ...settingActions(context),
    ...sweepActions(context),
    ...compareActions(context),
    ...lessonActions(context),
    ...panelActions(context),
    ...viewActions(context),
    ...exportActions(context),
    ...shareActions(context),
  ];
}

function runActions({ session, learning }: ActionContext): Action[] {
  const canStop = () => session.phase === 'running' || session.phase === 'paused';
  return [
    {
      ...{ id: 'run', group: 'Run', title: 'Run, pause, resume; in a lesson, go on', keys: [' '] },
      words: 'start begin continue play go',
      run: () => {
        // In a lesson, it is what comes next.
        if (learning.current) void learning.current.act();
        else if (session.phase === 'running') session.pause();
        else if (session.phase === 'paused') session.resume();
        else session.begin();
      },
    },
    {
      ...{ id: 'stop', group: 'Run', title: 'Stop the run', keys: ['s'] },
      words: 'end finish cancel',
      isEnabled: canStop,
      run: () => {
        session.stop();
      },
    },
    {
      ...{ id: 'step-run', group: 'Run', title: 'While paused: one more record', keys: ['n'] },
      words: 'step next batch',
      isEnabled: () => session.phase === 'paused',
      run: () => {
        session.step();
      },
    },
    {
      ...{ id: 'restart', group: 'Run', title: 'Restart with these settings' },
      words: 'begin anew again',
      isEnabled: canStop,
      run: () => void session.restart(),
    },
  ];
}

function lessonActions({ learning }: ActionContext): Action[] {
  return [
    {
      ...{ id: 'learn', group: 'Lesson', title: 'Show all lessons' },
      words:
        'learn lesson teach workshop course channel bottleneck backpressure buffer burst overload variation workers cores Amdahl Little law hockey stick coordinated omission order batching draining errors schedules scheduler game levels',
      run: () => void learning.open(null),
    },
    {
      ...{ id: 'leave-lessons', group: 'Lesson', title: 'Leave the lessons' },
      words: 'learn close end',
      isEnabled: () => learning.current !== null,
      run: () => {
        learning.leave();
      },
    },
    ...gameActions(learning),
  ];
}

/** How many of the ready tasks have a key. */
const TASK_KEYS = 9;

function gameActions(learning: ActionContext['learning']): Action[] {
  const game = () => learning.current?.game ?? null;
  const isEnabled = () => game() !== null;
  const chosen = Array.from({ length: TASK_KEYS }, (_, at): Action => {
    const key = String(at + 1);
    return {
      ...{ id: `game.task-${key}`, group: 'Level', keys: [key] },
      title: `Run ready task ${key}`,
      words: 'scheduler game choose task step',
      isEnabled,
      run: () => void game()?.choose(at),
    };
  });
  return [
    ...chosen,
    {
      ...{ id: 'game.undo', group: 'Level', keys: ['Backspace'] },
      ...{ title: 'Take back the last step', words: 'undo back', isEnabled },
      run: () => void game()?.undo(),
    },
    {
      ...{ id: 'game.redo', group: 'Level', keys: ['r'] },
      ...{ title: 'The next step of the path', words: 'redo again', isEnabled },
      run: () => void game()?.redo(),
    },
    {
      ...{ id: 'game.restart', group: 'Level', keys: ['Shift+Backspace'] },
      ...{ title: 'Back to the start of the level', words: 'undo all restart', isEnabled },
      run: () => void game()?.restart(),
    },
  ];
}

function panelActions({ panels }: ActionContext): Action[] {
  return panels.map(({ id, title, words = '', open }) => ({
    ...{ id: `panel.${id}`, group: 'Panel', title: `Show: ${title}` },
    words: `open panel tab go to ${words}`,
    run: open,
  }));
}

function viewActions({ view }: ActionContext): Action[] {
  return [
    {
      ...{ id: 'presenter', group: 'View', title: 'Presenter mode', keys: ['p'] },
      words: 'large audience projector present',
      note: () => (view.presenter ? 'on' : ''),
      run: () => {
        view.togglePresenter();
      },
    },
    {
      ...{ id: 'theme', group: 'View', title: 'Theme: the next one', keys: ['t'] },
      words: 'colours dark light',
      note: () => view.theme,
      run: () => {
        view.cycleTheme();
      },
    },
    ...(['auto', 'light', 'dark'] as const).map((theme): Action => ({
      ...{ id: `theme.${theme}`, group: 'View', title: `Theme: ${theme}` },
      words: 'colours mode',
      isEnabled: () => view.theme !== theme,
      run: () => {
        view.setTheme(theme);
      },
    })),
  ];
}

function shareActions({ address, openHelp, openPalette }: ActionContext): Action[] {
  return [
    {
      ...{ id: 'copy-link', group: 'Share', title: 'Copy a link to this', keys: ['c'] },
      words: 'share url address settings moment',
      run: () => void address.copy(),
    },
    {
      ...{ id: 'help', group: 'Help', title: 'The keyboard', keys: ['?'] },
      words: 'shortcuts keys list help',
      run: openHelp,
    },
    {
      ...{ id: 'palette', group: 'Help', title: 'Search or do anything', keys: ['Mod+k'] },
      words: 'command palette find',
      run: openPalette,
    },
  ];
}
