// The lessons as the page has them: every configuration can be set on the page, and what the page offers leads to the goal.

import { expect, test } from 'vitest';
import { withDefaults } from '../recording/merge';
import { DEFAULT_CONFIG } from '../engine/generated/defaults';
import { toConfig } from '../settings/config';
import { fromConfig } from '../settings/from-config';
import { LABELS } from '../settings/labels';
import { setText, textOfSetting } from '../settings/link';
import type { Lesson } from './lesson';
import lessonsFile from './generated/lessons.json';
import { placeOf } from './select';

const lessons = lessonsFile as unknown as readonly Lesson[];

test('there are lessons, in the order of their numbers', () => {
  expect(lessons.length).toBeGreaterThanOrEqual(20);
  expect(lessons.map(({ number }) => number)).toEqual(lessons.map((_, at) => at + 1));
});

test.each(lessons.map((lesson) => [lesson.id, lesson] as const))(
  'the page has a control for every setting of “%s”',
  (_, { runs, goal }) => {
    const configs = [...runs.map(({ config }) => config), ...(goal ? [goal.config] : [])];
    for (const config of configs) {
      const full = withDefaults(config, DEFAULT_CONFIG);
      const { settings, leftOut } = fromConfig(full);
      expect(leftOut).toEqual([]);
      const back = withDefaults(toConfig(settings, null).config, DEFAULT_CONFIG);
      expect(fromConfig(back).settings).toEqual(settings);
    }
  },
);

test.each(lessons.flatMap(({ id, goal }) => (goal ? [[id, goal] as const] : [])))(
  'what “%s” offers can be chosen on the page',
  (_, goal) => {
    const { settings } = fromConfig(withDefaults(goal.config, DEFAULT_CONFIG));
    for (const { path, values } of goal.may_change) {
      expect(LABELS).toHaveProperty([path]);
      for (const value of values) {
        expect(setText(settings, path, String(value))).toBe(true);
        expect(textOfSetting(settings, path)).toBe(String(value));
      }
    }
    for (const [path, value] of Object.entries(goal.optimum)) {
      expect(setText(settings, path, String(value))).toBe(true);
    }
  },
);

test('exactly one answer of each question is right', () => {
  for (const { ask } of lessons) {
    for (const { choices } of ask) {
      expect(choices.filter(({ is_answer }) => is_answer)).toHaveLength(1);
    }
  }
});

test('what a lesson looks at is there', () => {
  for (const { look_at, runs } of lessons) {
    expect(runs.map(({ name }) => name)).toContain(look_at.run);
    if (look_at.select !== null) expect(placeOf(look_at.select)).not.toBeNull();
  }
});
