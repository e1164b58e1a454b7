import { expect, test } from 'vitest';
import { NODE } from '../recording/events';
import { STANDARD } from '../recording/topology';
import { computeLayout } from './layout';
import { pressureRoutes } from './pressure';
import { Routes } from './routes';
import type { ChannelState, ShownState, StageState } from './scene-state';

function stagesOf(states: Record<number, [ShownState, blockedBy?: number][]>): StageState[] {
  return STANDARD.stages.map(({ node, id }) => {
    const workers = (states[node] ?? [['waiting']]).map(([state, blockedBy]) => ({
      ...{ state, record: 1, held: 1, thread: null, progress: null },
      blockedBy: blockedBy ?? null,
    }));
    return {
      ...{ node, id, workers, count: workers.length, shares: null, records: 0, rate: 0 },
      ...{ finished: null, shelved: 0 },
    };
  });
}

const channelsOf = (full: number[]): ChannelState[] =>
  STANDARD.channels.map(({ node, id }) => ({
    ...{ node, id, depth: full.includes(node) ? 10 : 3, capacity: 10 },
    ...{ approximate: false, highest: null, rate: 0, blocked: 0 },
  }));

function keysOf(stages: StageState[], full: number[]): string[] {
  const layout = computeLayout(STANDARD, {
    ...{ width: 980, height: 386, form: 'wide', scale: 1, controls: true, sample: 1 },
    workers: stages.map(({ count }) => count),
    capacities: STANDARD.channels.map(() => 10),
  });
  const routes = new Routes(STANDARD, layout);
  const found = pressureRoutes(STANDARD, routes, stages, channelsOf(full));
  for (const { path, x, y, channel } of found) {
    // From the channel to the edge of the worker.
    const box = layout.boxes[channel];
    expect(path.startsWith(`M${Math.round(((box?.x ?? 0) - 2) * 100) / 100} `)).toBe(true);
    expect(layout.boxes.some((one) => Math.abs(one.x + one.w - x) < 1 && y > one.y)).toBe(true);
  }
  return found.map(({ key }) => key).sort();
}

const { dataCh, validCh, processedCh, errorCh } = NODE;

test('there is a route to each worker that is blocked, and to no other', () => {
  const stages = stagesOf({
    [NODE.producer]: [['busy']],
    [NODE.validator]: [['blocked', validCh], ['busy'], ['blocked', errorCh]],
    [NODE.transformer]: [['busy'], ['ready'], ['waiting']],
  });
  expect(keysOf(stages, [validCh, errorCh])).toEqual([
    `${validCh}>${NODE.validator}-0`,
    `${errorCh}>${NODE.validator}-2`,
  ]);
  expect(keysOf(stagesOf({ [NODE.validator]: [['busy'], ['busy']] }), [validCh])).toEqual([]);
});

test('if events don’t tell which channel it is, it is the full one', () => {
  const stages = stagesOf({
    [NODE.producer]: [['blocked']],
    [NODE.transformer]: [['blocked'], ['busy']],
  });
  expect(keysOf(stages, [dataCh, processedCh])).toEqual([
    `${dataCh}>${NODE.producer}-0`,
    `${processedCh}>${NODE.transformer}-0`,
  ]);
});

test('the cells of a map share a route', () => {
  const many = Array.from({ length: 40 }, (): [ShownState, number] => ['blocked', validCh]);
  expect(keysOf(stagesOf({ [NODE.validator]: many }), [validCh])).toEqual([
    `${validCh}>${NODE.validator}-all`,
  ]);
});
