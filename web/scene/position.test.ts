import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RECORD_STATE, HELD_BACK, OPEN } from '../recording/residencies';
import type { Residencies } from '../recording/residencies';
import { STANDARD } from '../recording/topology';
import { computeLayout } from './layout';
import type { Form, Layout, Rect } from './layout';
import { dotAt } from './position';
import { Routes } from './routes';

/** A visit as words; see residencies.ts. */
const visit = (from: number, to: number, slot: number, start = 0, end = OPEN): Residencies => {
  const words = [start, end, from, to | (RECORD_STATE.valid << 24), slot, 1];
  return { tick: 1, word: (_: number, word: number) => words[word] } as unknown as Residencies;
};

const place = (node: number, worker = 0): number => node | (worker << 8);

interface Shape {
  width: number;
  height: number;
  form: Form;
  workers: number[];
  capacity: number;
}

function routesOf({ width, height, form, workers, capacity }: Shape): Routes {
  const layout = computeLayout(STANDARD, {
    ...{ width, height, form, scale: 1, controls: true, sample: 1, workers },
    capacities: STANDARD.channels.map(() => capacity),
  });
  return new Routes(STANDARD, layout);
}

const SHAPES: Shape[] = [
  { width: 980, height: 386, form: 'wide', workers: [1, 3, 12, 1, 1, 1, 1], capacity: 10 },
  { width: 390, height: 258, form: 'phone', workers: [1, 3, 4, 1, 1, 1, 1], capacity: 10 },
  { width: 1120, height: 432, form: 'wide', workers: [1, 9999, 64, 1, 1, 1, 1], capacity: 1000 },
  { width: 1100, height: 224, form: 'mini', workers: [1, 30, 31, 1, 1, 1, 1], capacity: 1 },
];

const isIn = (x: number, y: number, rect: Rect | undefined, margin = 1e-6) =>
  rect !== undefined &&
  x >= rect.x - margin &&
  x <= rect.x + rect.w + margin &&
  y >= rect.y - margin &&
  y <= rect.y + rect.h + margin;

test.each(SHAPES)('a record is within its worker, or on its shelf, %j', (shape) => {
  const routes = routesOf(shape);
  const { layout } = routes;
  for (let stage = 0; stage < 7; stage += 1) {
    for (const worker of [0, (shape.workers[stage] ?? 1) - 1]) {
      for (const slot of [0, 1, 7, 300]) {
        for (const flags of [0, HELD_BACK]) {
          const at = place(stage, worker) | flags;
          const moment = { time: 10, ramp: 1, departed: [], known: Infinity };
          const dot = dotAt(visit(at, at, slot), 0, moment, routes);
          // The cells of a map show states instead.
          if (layout.grids[stage]?.radius === 0) {
            expect(dot).toBeNull();
            continue;
          }
          const { x = NaN, y = NaN, radius = NaN } = dot ?? {};
          const shelf = layout.grids[stage]?.shelf;
          const box =
            shelf && slot > 0
              ? { x: layout.boxes[stage]?.x ?? 0, y: shelf.y - 8, w: shape.width, h: 16 }
              : layout.boxes[stage];
          expect(isIn(x, y, box)).toBe(true);
          expect(isIn(x, y, { x: 0, y: 0, w: layout.width, h: layout.height }, -radius)).toBe(true);
        }
      }
    }
  }
});

type Point = readonly [number, number];

/** The corners of a wire. */
const pointsIn = (path: string): Point[] =>
  [...path.matchAll(/[MLHVQ ]?(-?[\d.]+)[ ,](-?[\d.]+)/g)].map(
    ([, a, b]) => [Number(a), Number(b)] as const,
  );

/** Whether a point is on a wire, within a tolerance for its round corners; wires are drawn by the same routes. */
function isOnWire(points: readonly Point[], x: number, y: number): boolean {
  return points.some(([x2, y2], at) => {
    const [x1, y1] = points[at - 1] ?? [x2, y2];
    const length = Math.hypot(x2 - x1, y2 - y1);
    const share = length > 0 ? ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / length ** 2 : 0;
    const part = Math.min(1, Math.max(0, share));
    return Math.hypot(x1 + (x2 - x1) * part - x, y1 + (y2 - y1) * part - y) < 4.5;
  });
}

const isInBox = ({ boxes }: Layout, x: number, y: number) =>
  boxes.some((box) => isIn(x, y, box, 0.5));

test.each(SHAPES)('a moving dot is on a wire, or in what it leaves or reaches, %j', (shape) => {
  const routes = routesOf(shape);
  const wires = routes.wires().map(({ path }) => pointsIn(path));
  const moves = STANDARD.channels.flatMap(({ node, senders, receivers }) => [
    ...senders.map((sender) => ({ from: sender, to: node })),
    ...receivers.map((receiver) => ({ from: node, to: receiver })),
  ]);
  fc.assert(
    fc.property(
      fc.constantFrom(...moves),
      fc.nat(20_000),
      fc.nat(9),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.boolean(),
      ({ from, to }, any, slot, share, isHeld) => {
        const worker = any % (shape.workers[from < 16 ? from : to] ?? 1);
        const origin = place(from, from < 16 ? worker : 0) | (isHeld && from < 16 ? HELD_BACK : 0);
        const goal = place(to, to < 16 ? worker : 0);
        const moment = { time: share * 100, ramp: 100, departed: [], known: Infinity };
        const dot = dotAt(visit(origin, goal, to < 16 ? 0 : slot), 0, moment, routes);
        // It shrinks into the cell of a map, and grows out of it.
        if (!dot && (share === 0 || share === 1 || share < 0.25 || share > 0.75)) return;
        const { x = NaN, y = NaN } = dot ?? {};
        const onWire = wires.some((points) => isOnWire(points, x, y));
        expect(onWire || isInBox(routes.layout, x, y), `${x}, ${y}`).toBe(true);
      },
    ),
    { numRuns: 200 },
  );
});
