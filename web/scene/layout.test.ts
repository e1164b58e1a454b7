import { expect, test } from 'vitest';
import { STANDARD, isChannel } from '../recording/topology';
import { computeLayout, nearestNode, workerNearest } from './layout';

const layout = computeLayout(STANDARD, {
  ...{ width: 390, height: 258, form: 'phone', scale: 1, sample: 1, controls: false },
  workers: STANDARD.stages.map(({ node }) => (STANDARD.isPool(node) ? 3 : 1)),
  capacities: STANDARD.channels.map(() => 10),
});

test('a finger within a stage or channel means it, and one beside it the nearest', () => {
  for (const { node } of [...STANDARD.stages, ...STANDARD.channels]) {
    const box = layout.boxes[node];
    if (!box) throw new Error('each has a place');
    expect(nearestNode(layout, box.x + box.w / 2, box.y + box.h / 2, 22)).toBe(node);
    expect(nearestNode(layout, box.x - 1, box.y + box.h / 2, 22)).toBe(node);
  }
  expect(nearestNode(layout, -40, -40, 22)).toBeNull();
});

test('each channel can be hit over the width of a finger', () => {
  for (const { node } of STANDARD.channels.filter(({ node }) => isChannel(node))) {
    const box = layout.boxes[node];
    if (!box) throw new Error('each has a place');
    const hits = Array.from({ length: 44 }, (_, at) => box.x + box.w / 2 - 22 + at).filter(
      (x) => nearestNode(layout, x, box.y + box.h / 2, 22) === node,
    );
    expect(hits.length).toBeGreaterThan(box.w);
  }
});

test('the worker is that of the row', () => {
  const [pool] = STANDARD.stages.filter(({ node }) => STANDARD.isPool(node));
  const box = layout.boxes[pool?.node ?? -1];
  if (!pool || !box) throw new Error('there is a pool');
  const at = (share: number) => workerNearest(layout, pool.node, box.y + share * box.h);
  expect([at(-1), at(0.1), at(0.5), at(0.9), at(2)]).toEqual([0, 0, 1, 2, 2]);
});
