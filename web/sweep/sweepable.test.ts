import { expect, test } from 'vitest';
import { PRESETS } from '../settings/presets';
import { applyChange } from '../settings/apply';
import { settingsControls } from '../settings/on-picture';
import { isLive } from '../settings/live';
import { openingRun } from '../settings/settings';
import type { Settings } from '../settings/settings';
import { SWEEPABLE_PATHS, sweepableAt, sweepablesOf } from './sweepable';

const controlsOf = (settings: Settings) => settingsControls(settings, () => true, openingRun());
const about = { records: 200, unlimited: 6.6 };

test('every value of every setting is set as a change of the configuration would set it', () => {
  for (const { settings: preset } of PRESETS) {
    for (const path of SWEEPABLE_PATHS) {
      const settings = structuredClone(preset);
      const found = sweepableAt(path, controlsOf(settings));
      if (!found) throw new Error(`${path} has no control`);
      const candidates = found.candidates(about);
      const values = candidates.map(({ value }) => value);
      expect(values, path).toContain(found.own.value);
      expect(new Set(values).size, path).toBe(values.length);
      for (const candidate of candidates) {
        const wanted = structuredClone(preset);
        applyChange(wanted, path, candidate.value);
        found.choose(candidate);
        expect(settings, `${path} ${String(candidate.value)}`).toEqual(wanted);
        expect(sweepableAt(path, controlsOf(settings))?.own.value).toBe(candidate.value);
      }
    }
  }
});

test('they are in order, and say when they act', () => {
  for (const path of SWEEPABLE_PATHS) {
    const found = sweepableAt(path, controlsOf(openingRun()));
    const places = found?.candidates(about).flatMap(({ place }) => place ?? []) ?? [];
    expect(places, path).toEqual([...places].sort((a, b) => a - b));
    expect(places.length, path).toBeGreaterThanOrEqual(20);
    expect(places.length, path).toBeLessThanOrEqual(40);
    expect(found?.when).toBe(isLive(path) ? 'acts at once' : 'acts at the next run');
  }
});

test('both ends of a range keep their ratio', () => {
  const found = sweepableAt('service.transformer.wait', controlsOf(openingRun()));
  const candidates = found?.candidates(about) ?? [];
  const words = candidates.map(({ words }) => words);
  expect(words[0]).toBe('Transformer waits not at all');
  expect(words[1]).toBe('Transformer waits 30–90\u00a0ms');
  expect(words[13]).toBe('Transformer waits 300–900\u00a0ms');
  expect(words.at(-1)).toBe('Transformer waits 3–9\u00a0s');
});

test('rates are around what is reached without a limit, which has to be known', () => {
  const settings = { ...openingRun(), rate: 50 };
  const found = sweepableAt('generator.rate_limit', controlsOf(settings));
  const of = (unlimited: number | null) => found?.candidates({ ...about, unlimited }) ?? [];
  expect(of(null).map(({ value }) => value)).toEqual([50, 0]);
  const values = of(6.6).map(({ value }) => value);
  expect(values[0]).toBeCloseTo(0.82, 1);
  expect(values.at(-2)).toBe(100);
  expect(of(6.6).at(-1)).toMatchObject({ place: null, words: 'Without a limit' });
});

test('a stage has those that are in use', () => {
  const controls = controlsOf(openingRun());
  const paths = (node: number) => sweepablesOf(node, controls).map(({ path }) => path);
  expect(paths(0)).toEqual(['generator.rate_limit', 'service.producer.wait']);
  expect(paths(2)).toEqual(['transformer.workers', 'service.transformer.wait']);
  expect(paths(3)).toEqual([]);
  expect(paths(6)).toEqual([]);
  expect(paths(17)).toEqual(['channels.valid']);
});
