import { describe, expect, test } from 'vitest';
import { NODE } from '../recording/events';
import { STANDARD } from '../recording/topology';
import { lanesOf } from './lanes';
import type { LaneInput } from './lanes';

function input(changes: Partial<LaneInput> & { pool?: [number, number] } = {}): LaneInput {
  const { pool = [3, 3], ...rest } = changes;
  return {
    topology: STANDARD,
    workers: new Map([
      [NODE.validator, pool[0]],
      [NODE.transformer, pool[1]],
    ]),
    ...{ threads: 2, isVirtual: false, height: 286, set: 'full' },
    ...{ folded: {}, stage: null },
    ...rest,
  };
}

const labels = (changes?: Parameters<typeof input>[0]) =>
  lanesOf(input(changes)).map(({ label }) => label);

describe('the lanes', () => {
  test('of the opening run are those of the design', () => {
    expect(labels()).toEqual([
      ...['born, written', 'records/s', 'dataCh', 'validCh', 'processedCh', 'errorCh', 'Producer'],
      ...['Validator 1', 'Validator 2', 'Validator 3'],
      ...['Transformer 1', 'Transformer 2', 'Transformer 3'],
      ...['Loader + 3 more', 'Threads 1, 2', ''],
    ]);
  });

  test('fit into their space, one below the other', () => {
    for (const height of [120, 200, 286, 415, 800]) {
      for (const set of ['full', 'presenter', 'phone'] as const) {
        for (const pool of [
          [3, 3],
          [12, 12],
          [3, 64],
          [1, 4096],
        ] as [number, number][]) {
          let bottom = 0;
          for (const lane of lanesOf(input({ height, set, pool }))) {
            expect(lane.y).toBeGreaterThanOrEqual(bottom - 1e-9);
            expect(lane.height).toBeGreaterThan(0);
            bottom = lane.y + lane.height;
          }
          expect(bottom).toBeLessThanOrEqual(height + 1e-6);
        }
      }
    }
  });

  test('are left out from the bottom if there is little space', () => {
    expect(labels({ height: 270 })).not.toContain('Threads 1, 2');
    expect(labels({ height: 230 })).not.toContain('Loader + 3 more');
    expect(labels({ height: 160 })).toEqual([
      ...['born, written', 'records/s', 'dataCh', 'validCh'],
      ...['Validators × 3', 'Transformers × 3'],
    ]);
  });

  test('show every consumer and channel where there is space', () => {
    const all = labels({ height: 420 });
    for (const name of ['loaderCh', 'Fan-out', 'Loader', 'Metrics Collector']) {
      expect(all).toContain(name);
    }
  });

  test('share one above 12 workers, and have a thin row each above 30', () => {
    const kinds = (workers: number) =>
      lanesOf(input({ pool: [3, workers], height: 400 }))
        .filter(({ content }) => 'stage' in content && content.stage === NODE.transformer)
        .map(({ content }) => content.kind);
    expect(kinds(2)).toEqual(['worker', 'worker']);
    expect(kinds(13)).toEqual(['pool']);
    expect(kinds(64)).toEqual(['raster']);
  });

  test('fold and unfold', () => {
    const folded = { [`stage ${NODE.transformer}`]: true };
    expect(labels({ folded })).toContain('Transformers × 3');
    const unfolded = { consumers: false };
    expect(labels({ folded: unfolded })).toContain('Metrics Collector');
  });

  test('for an audience are few, and have one label a pool', () => {
    expect(labels({ set: 'presenter' })).toEqual([
      ...['dataCh', 'validCh', '', 'Validators', '', '', 'Transformers', ''],
    ]);
  });

  test('on a phone are a stage and the channel before it', () => {
    expect(labels({ set: 'phone' })).toEqual(['validCh', '', 'Transformers', '']);
    expect(labels({ set: 'phone', stage: NODE.validator })).toEqual([
      'dataCh',
      '',
      'Validators',
      '',
    ]);
    expect(labels({ set: 'phone', stage: NODE.loader })).toEqual(['loaderCh', 'Loader']);
  });
});
