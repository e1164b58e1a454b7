import { expect, test } from 'vitest';
import { Keyboard } from '../keyboard';
import { settingsControls } from '../settings/on-picture';
import { openingRun } from '../settings/settings';
import { PRESETS } from '../settings/presets';
import { ALL } from '../settings/registry';
import { GROUPS, isEnabled } from './action';
import { actionsOf } from './registry';
import { typedProblem } from './setting-actions';
import { typedActions } from './typed-actions';
import type { ActionContext } from './registry';

/** A page on which nothing has been run. */
function context(): ActionContext {
  const screen = {
    view: { live: true, playing: true, speed: 1, time: 0, begin: 0, end: 0 },
    ...{ recording: null, chosen: null, focus: null, marks: [] },
  };
  const none = () => undefined;
  return {
    session: { screen, phase: 'idle', settings: openingRun(), previous: null },
    screen,
    comparing: { current: null },
    learning: { current: null },
    controls: () => settingsControls(openingRun(), () => false, openingRun()),
    sweep: { open: none },
    exports: { isReady: false },
    view: { theme: 'auto', presenter: false },
    address: {},
    panels: [{ id: 'charts', title: 'Charts', open: none }],
    hasSetting: (path: string) => path === 'workers',
    ...{ showSetting: none, findRecord: none, openPalette: none, openHelp: none },
  } as unknown as ActionContext;
}

const actions = actionsOf(context());

test('each action has its own id, and each key one action', () => {
  expect(new Set(actions.map(({ id }) => id)).size).toBe(actions.length);
  expect(() => new Keyboard(actions)).not.toThrow();
});

test('there are all situations, settings and panels', () => {
  const ids = actions.map(({ id }) => id);
  for (const { id } of PRESETS) expect(ids).toContain(`preset.${id}`);
  for (const [path] of ALL) expect(ids).toContain(`setting.${path}`);
  expect(ids).toContain('panel.charts');
});

test('titles say what is done, and groups are known', () => {
  for (const { title, group } of actions) {
    // Channels are spelled as in the specification.
    expect(title).toMatch(/^(\p{Lu}|[a-zA-Z]+Ch: )/u);
    expect(title.length).toBeLessThan(60);
    expect(GROUPS).toContain(group);
  }
});

test('without a run nothing is played, and what the page has no control for isn’t offered', () => {
  const enabled = actions.filter(isEnabled).map(({ id }) => id);
  expect(enabled).toContain('run');
  expect(enabled).toContain('setting.workers');
  expect(enabled).toContain('sweep.transformer.workers');
  expect(enabled).toContain('sweep.service.loader.wait');
  expect(enabled).not.toContain('sweep.service.loader.compute');
  for (const id of ['stop', 'play', 'event-back', 'begin', 'live', 'let-go', 'setting.batch']) {
    expect(enabled).not.toContain(id);
  }
  expect(actions.map(({ id }) => id)).toContain('export.picture.svg');
  expect(enabled.filter((id) => id.startsWith('export.'))).toEqual([]);
});

test('a setting shows its value', () => {
  const workers = actions.find(({ id }) => id === 'setting.workers');
  expect(workers?.note?.()).toBe('3');
});

test('a setting with a value sets it', () => {
  const typed = (query: string) => {
    const page = { ...context(), hasSetting: () => true };
    const offered = typedActions(page, query);
    offered[0]?.run();
    return { titles: offered.map(({ title }) => title), settings: page.session.settings };
  };
  const { titles, settings } = typed('transformers 6');
  expect(titles[0]).toBe('Set Transformers: workers to 6');
  expect(settings.transformers).toBe(6);
  expect(typed('dataCh: 20').settings.buffers.data).toBe(20);
  expect(typed('batch=auto').settings.batch).toBe('auto');
  for (const none of ['transformers', 'transformers six', 'workers 0', 'nonsense 6', '6', 'id 7']) {
    expect(typed(none).titles).toEqual([]);
  }
});

test('what is typed for a setting and can’t be its value is explained', () => {
  const problem = (query: string) => typedProblem({ hasSetting: () => true }, query);
  expect(problem('transformers 0')).toBe(
    'Transformers: workers must be a whole number from 1 to 65,535.',
  );
  expect(problem('seed abc')).toMatch(/^Seed must be a whole number/);
  for (const fine of ['transformers 6', 'transformers', 'nonsense 0'])
    expect(problem(fine)).toBe('');
});
