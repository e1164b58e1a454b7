import { expect, test } from 'vitest';
import { settingsControls } from '../settings/on-picture';
import { openingRun } from '../settings/settings';
import { nearest, plotOf } from './plot';
import type { Point } from './sweep.svelte';
import { sweepableAt } from './sweepable';
import { SERIES } from './words';

function plotted(path: string, known: (at: number) => boolean) {
  const settings = openingRun();
  const sweepable = sweepableAt(
    path,
    settingsControls(settings, () => false, settings),
  );
  if (!sweepable) throw new Error(`${path} has no control`);
  const points = sweepable.candidates({ records: 200, unlimited: 5 }).map((one, at): Point => ({
    ...one,
    isOwn: one.value === sweepable.own.value,
    figures: known(at) ? { rate: at + 1, p99: 1 / (at + 1) } : null,
  }));
  return { plot: plotOf(points, sweepable, SERIES, 330, 1), points };
}

test('what is known is drawn where it belongs, and nothing else', () => {
  const { plot, points } = plotted('transformer.workers', (at) => at % 3 === 0);
  const [rate, latency] = plot.charts;
  expect(rate?.dots.map(({ at }) => at)).toEqual([0, 3, 6, 9, 12, 15, 18]);
  expect(rate?.most).toBe('20');
  for (const { at, x, y } of rate?.dots ?? []) {
    expect(x).toBe(plot.positions[at]);
    expect(y).toBeCloseTo((rate?.bottom ?? 0) - ((at + 1) / 20) * 62);
  }
  expect(latency?.most).toBe('1\u00a0s');
  expect(latency?.top).toBeGreaterThan(rate?.bottom ?? 0);
  expect(latency?.dots[0]?.y).toBe(latency?.top);
  // From the left to the right, within the plot.
  expect(plot.positions).toEqual([...plot.positions].sort((a, b) => a - b));
  expect(plot.positions[0]).toBeGreaterThan(plot.left);
  expect(plot.positions.at(-1)).toBeLessThan(plot.right);
  expect(plot.positions).toHaveLength(points.length);
});

test('a value without a place is beside the axis, and no line leads to it', () => {
  const left = plotted('service.transformer.wait', () => true);
  expect(left.plot.beside).toMatchObject({ text: 'none', align: 'start' });
  expect(left.plot.positions[0]).toBeLessThan((left.plot.positions[1] ?? 0) - 20);
  expect(left.plot.charts[0]?.line.match(/[ML]/g)).toHaveLength(left.points.length - 1);
  const right = plotted('generator.rate_limit', () => true);
  expect(right.plot.beside).toMatchObject({ text: 'no limit', align: 'end' });
  expect(right.plot.positions.at(-1)).toBeGreaterThan((right.plot.positions.at(-2) ?? 0) + 20);
});

test('before anything is known there are axes', () => {
  const { plot } = plotted('channels.valid', () => false);
  expect(plot.charts.map(({ dots, line, most }) => [dots.length, line, most])).toEqual([
    [0, '', ''],
    [0, '', ''],
  ]);
  expect(plot.ticks.map(({ text }) => text)).toEqual(['1', '2', '4', '8', '16', '32', '64']);
});

test('the nearest value', () => {
  expect(nearest([10, 20, 40], 29)).toBe(1);
  expect(nearest([10, 20, 40], 31)).toBe(2);
  expect(nearest([10, 20, 40], -5)).toBe(0);
  expect(nearest([], 3)).toBe(-1);
});
