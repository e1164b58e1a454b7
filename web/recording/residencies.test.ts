import { describe, expect, it } from 'vitest';
import { computeLayout } from '../scene/layout';
import type { Form, Layout } from '../scene/layout';
import { Routes, along, pointsOf } from '../scene/routes';
import { cell, dotAt, momentAt } from '../scene/position';
import { EventLog, packed } from './event-log';
import { KIND } from './events';
import { EXIT, RECORD_STATE, OPEN, SOURCE, Residencies } from './residencies';
import { STANDARD } from './topology';

const MS = 1e6;

/** Time in milliseconds, kind, node, record, worker. */
type Told = [at: number, kind: keyof typeof KIND, node: number, record: number, worker?: number];

function logOf(events: Told[]): EventLog {
  const log = new EventLog();
  const words = events.flatMap(([at, kind, node, record, worker = 0]) =>
    packed({ ...{ time: at * MS, kind: KIND[kind], node, worker, thread: 0, record } }),
  );
  log.add(new BigUint64Array(words), Infinity);
  log.finish();
  return log;
}

/** The events of a record through all stages, ten milliseconds each, with Validator 1 and Transformer 2. */
function journey(record: number, start = 0): Told[] {
  const t = (step: number) => start + 10 * step;
  return [
    [t(0), 'produced', 0, record],
    [t(1), 'arrive', 16, record],
    [t(2), 'depart', 16, record, 1],
    [t(2), 'workStart', 1, record, 1],
    [t(3), 'valid', 1, record, 1],
    [t(3), 'arrive', 17, record, 1],
    [t(4), 'depart', 17, record, 2],
    [t(5), 'anomaly', 2, record, 2],
    [t(5), 'workEnd', 2, record, 2],
    [t(5), 'arrive', 18, record, 2],
    [t(6), 'depart', 18, record],
    [t(7), 'arrive', 20, record],
    [t(8), 'arrive', 21, record],
    [t(9), 'arrive', 22, record],
    [t(9), 'workEnd', 3, record],
    [t(10), 'depart', 20, record],
    [t(10), 'depart', 21, record],
    [t(10), 'depart', 22, record],
    [t(11), 'written', 4, record],
    [t(11), 'workEnd', 4, record],
    [t(11), 'workEnd', 5, record],
    [t(11), 'counted', 6, record],
    [t(11), 'workEnd', 6, record],
  ];
}

function residenciesOf(events: Told[]): Residencies {
  const residencies = new Residencies(logOf(events), STANDARD, 1000);
  residencies.update();
  return residencies;
}

/** Nodes with the start and end of the visit in milliseconds. */
function nodesOf(
  residencies: Residencies,
): [node: number, from: number, to: number, state: number][] {
  return Array.from({ length: residencies.end - residencies.begin }, (_, at) => {
    const end = residencies.word(at, 1);
    const what = residencies.word(at, 3);
    return [
      what & 0xff,
      residencies.word(at, 0) / 1000,
      end === OPEN ? Infinity : end / 1000,
      what >>> 24,
    ];
  });
}

describe('the residencies of a record', () => {
  it('are its way to the fan-out, and three ways from there on', () => {
    expect(nodesOf(residenciesOf(journey(7)))).toEqual([
      [0, 0, 10, RECORD_STATE.raw],
      [16, 10, 20, RECORD_STATE.raw],
      [1, 20, 30, RECORD_STATE.raw],
      [1, 30, 30, RECORD_STATE.valid],
      [17, 30, 40, RECORD_STATE.valid],
      [2, 40, 50, RECORD_STATE.valid],
      [2, 50, 50, RECORD_STATE.anomaly],
      [18, 50, 60, RECORD_STATE.anomaly],
      [3, 60, 90, RECORD_STATE.anomaly],
      [20, 70, 100, RECORD_STATE.anomaly],
      [21, 80, 100, RECORD_STATE.anomaly],
      [22, 90, 100, RECORD_STATE.anomaly],
      [4, 100, 110, RECORD_STATE.anomaly],
      [5, 100, 110, RECORD_STATE.anomaly],
      [6, 100, 110, RECORD_STATE.anomaly],
      // To the processed file and the count; the Error Handler ignored it.
      [EXIT + 4, 110, Infinity, RECORD_STATE.anomaly],
      [EXIT + 6, 110, Infinity, RECORD_STATE.anomaly],
    ]);
  });

  it('begin where the one before ended', () => {
    const residencies = residenciesOf(journey(7));
    const origin = (visit: number) => [
      residencies.word(visit, 2) & 0xff,
      residencies.word(visit, 2) >>> 8,
    ];
    expect(origin(0)).toEqual([SOURCE, 0]);
    expect(origin(1)).toEqual([0, 0]);
    expect(origin(2)).toEqual([16, 0]);
    expect(origin(4)).toEqual([1, 1]);
    expect(origin(7)).toEqual([2, 2]);
    expect(origin(9)).toEqual([3, 0]);
    expect(origin(12)).toEqual([20, 0]);
  });

  it('leave nothing behind', () => {
    const residencies = residenciesOf(
      [...journey(0), ...journey(1, 5), ...journey(2, 9)].sort(byTime),
    );
    expect(residencies.recordsInFlight).toBe(0);
    expect(residencies.workers.flat().every(({ held }) => held.size === 0)).toBe(true);
    expect(residencies.range(300 * MS, 0)[0]).toBeLessThanOrEqual(
      residencies.range(300 * MS, 0)[1],
    );
  });

  it('bear that what happened at the same time is told in another order', () => {
    const residencies = residenciesOf([
      [0, 'produced', 0, 1],
      [10, 'depart', 16, 1, 2],
      [10, 'arrive', 16, 1],
      [20, 'valid', 1, 1, 2],
      [20, 'arrive', 17, 1, 2],
    ]);
    expect(nodesOf(residencies).map(([node]) => node)).toEqual([0, 1, 1, 17]);
    expect(residencies.occupancy(16, 10 * MS)).toBe(0);
    expect(residencies.occupancy(17, 20 * MS)).toBe(1);
    // No worker has it any more, except for the Validator for a short time.
    expect(residencies.workers.flat().map(({ held }) => held.size)).not.toContain(1);
    expect(residencies.workers[1]?.[2]?.activity.at(15 * MS)).toEqual({
      state: 'busy',
      record: 1,
      channel: null,
    });
  });

  it('end where the log has dropped what became of them', () => {
    const log = new EventLog(64);
    const residencies = new Residencies(log, STANDARD, 1000);
    const add = (events: Told[]) => {
      const words = events.flatMap(([at, kind, node, record, worker = 0]) =>
        packed({ ...{ time: at * MS, kind: KIND[kind], node, worker, thread: 0, record } }),
      );
      log.add(new BigUint64Array(words), Infinity);
      log.finish();
    };
    add(journey(0).slice(0, 8));
    residencies.update();
    expect(residencies.recordsInFlight).toBe(1);
    add(Array.from({ length: 9 }, (_, at) => journey(at + 1, 1000 * (at + 1))).flat());
    residencies.update();
    expect(residencies.recordsInFlight).toBe(0);
    expect(residencies.occupancy(17, 1e12)).toBe(0);
    expect(residencies.workers.flat().every(({ held }) => held.size === 0)).toBe(true);
  });

  it('keep their order when the ticks become longer', () => {
    const residencies = new Residencies(logOf([...journey(0), ...journey(1, 5e3)]), STANDARD, 2);
    residencies.update();
    expect(residencies.tick).toBe(4);
    const [first, behind] = residencies.range((5e3 + 25) * MS, 0);
    const there = Array.from({ length: behind - first }, (_, at) => first + at).filter(
      (visit) =>
        residencies.word(visit, 1) * residencies.tick > (5e3 + 25) * MS &&
        (residencies.word(visit, 3) & 0xff) < EXIT,
    );
    expect(there.map((visit) => residencies.word(visit, 3) & 0xff)).toEqual([1]);
  });

  it('count what a channel holds and who is blocked at any time', () => {
    const residencies = residenciesOf([
      [0, 'produced', 0, 0],
      [1, 'arrive', 16, 0],
      [2, 'produced', 0, 1],
      [3, 'arrive', 16, 1],
      [4, 'produced', 0, 2],
      [4, 'blocked', 16, 2],
      [9, 'depart', 16, 0, 0],
      [9, 'released', 16, 2],
      [9, 'arrive', 16, 2],
    ]);
    expect([0, 1, 3, 8, 9].map((at) => residencies.occupancy(16, at * MS))).toEqual([
      0, 1, 2, 2, 2,
    ]);
    expect([3, 4, 8, 9].map((at) => residencies.blockedSenders[0]?.at(at * MS))).toEqual([
      0, 1, 1, 0,
    ]);
    const producer = residencies.workers[0]?.[0]?.activity;
    expect(producer?.at(5 * MS)).toEqual({ state: 'blocked', record: 2, channel: 16 });
    expect(producer?.at(9 * MS)).toEqual({ state: 'waiting', record: null, channel: null });
    expect(residencies.workers[1]?.[0]?.activity.at(9 * MS)).toEqual({
      state: 'busy',
      record: 0,
      channel: null,
    });
  });

  it('are kept up to a limit, and found by time', () => {
    const log = logOf(Array.from({ length: 400 }, (_, at) => journey(at, at * 200)).flat());
    const residencies = new Residencies(log, STANDARD, 1000, 4096);
    residencies.update();
    expect(residencies.end - residencies.begin).toBeLessThanOrEqual(4096);
    const time = 390 * 200 + 25;
    const [first, behind] = residencies.range(time * MS, 0);
    const going = Array.from({ length: behind - first }, (_, at) => first + at).filter(
      (visit) =>
        residencies.word(visit, 1) > time * 1000 && (residencies.word(visit, 3) & 0xff) < EXIT,
    );
    expect(
      going.map((visit) => [residencies.word(visit, 5), residencies.word(visit, 3) & 0xff]),
    ).toEqual([[390, 1]]);
    expect(behind - first).toBeLessThan(2500);
  });
});

const byTime = (a: Told, b: Told) => a[0] - b[0];

describe('the dot of a visit', () => {
  const layout: Layout = computeLayout(STANDARD, {
    ...{ width: 1200, height: 440, form: 'wide', scale: 1, controls: true },
    workers: [1, 3, 3, 1, 1, 1, 1],
    capacities: [10, 10, 10, 10, 10, 10, 10],
    sample: 1,
  });
  const routes = new Routes(STANDARD, layout);
  const grid = (node: number) => layout.grids[node] as Layout['grids'][number];

  /** The dots at a time, without those fading at exits. */
  function dotsAt(residencies: Residencies, milliseconds: number, ramp = 5) {
    const moment = momentAt(residencies, milliseconds * MS, ramp * MS);
    const [first, behind] = residencies.range(moment.time, moment.ramp);
    return Array.from({ length: behind - first }, (_, at) =>
      dotAt(residencies, first + at, moment, routes),
    ).filter((dot) => dot !== null);
  }

  it('is where the log says, once it has arrived', () => {
    const residencies = residenciesOf(journey(7));
    const at = (milliseconds: number) =>
      dotsAt(residencies, milliseconds).map(({ x, y }) => [x, y]);
    expect(at(9)).toEqual([cell(grid(0), 0)]);
    expect(at(19)).toEqual([cell(grid(16), 0)]);
    expect(at(29)).toEqual([cell(grid(1), 1)]);
    expect(at(39)).toEqual([cell(grid(17), 0)]);
    expect(at(49)).toEqual([cell(grid(2), 2)]);
    // In the fan-out, and already in two of the three channels.
    expect(at(89)).toEqual([cell(grid(3), 0), cell(grid(20), 0), cell(grid(21), 0)]);
    expect(at(109)).toEqual([cell(grid(4), 0), cell(grid(5), 0), cell(grid(6), 0)]);
    expect(at(300)).toEqual([]);
  });

  it('goes from node to node in the time that it is given', () => {
    const residencies = residenciesOf(journey(7));
    const [before, half, after] = [20, 22.5, 25].map((time) => dotsAt(residencies, time)[0]);
    const [from, to] = [cell(grid(16), 0), cell(grid(1), 1)];
    expect([before?.x, before?.y]).toEqual(from);
    const [x, y] = along(pointsOf(routes.get(16, 1), from, to), 0.5);
    expect(half?.x).toBeCloseTo(x);
    expect(half?.y).toBeCloseTo(y);
    expect([after?.x, after?.y]).toEqual(to);
  });

  it('takes at most half of its stay for the way, as far as its end is known', () => {
    const residencies = residenciesOf(journey(7));
    const moving = (time: number, ramp: number, known?: number) => {
      const moment = momentAt(residencies, time * MS, ramp * MS, known);
      const [first, behind] = residencies.range(moment.time, moment.ramp);
      return Array.from({ length: behind - first }, (_, at) =>
        dotAt(residencies, first + at, moment, routes),
      ).find((dot) => dot !== null)?.moving;
    };
    // It is there from 20 to 30.
    expect([moving(23.9, 4), moving(24.1, 4)]).toEqual([true, false]);
    expect([moving(24.9, 100), moving(25.1, 100)]).toEqual([true, false]);
    // Of a visit that goes on, only that it has lasted until then.
    const going = residenciesOf(journey(7).filter(([time]) => time <= 20));
    const at = (time: number, known: number) => {
      const moment = momentAt(going, time * MS, 100 * MS, known * MS);
      return dotAt(going, going.end - 1, moment, routes)?.moving;
    };
    expect([at(24.9, 30), at(25.1, 30)]).toEqual([true, false]);
  });

  it('is held on the other side of a worker that can’t send it, and goes on from there', () => {
    const residencies = residenciesOf([
      [0, 'produced', 0, 1],
      [10, 'arrive', 16, 1],
      [20, 'depart', 16, 1, 2],
      [30, 'valid', 1, 1, 2],
      [40, 'blocked', 17, 1, 2],
      [60, 'released', 17, 1, 2],
      [60, 'arrive', 17, 1, 2],
    ]);
    const [x, y] = cell(grid(1), 2);
    const at = (time: number) => dotsAt(residencies, time).map((dot) => [dot.x, dot.y]);
    expect(at(39)).toEqual([[x, y]]);
    expect(at(50)).toEqual([[x + grid(1).out, y]]);
    expect(at(60)).toEqual([[x + grid(1).out, y]]);
    expect(residencies.workers[1]?.[2]?.activity.at(50 * MS)).toEqual({
      ...{ state: 'blocked', record: 1, channel: 17 },
    });
    expect(at(70)).toEqual([cell(grid(17), 0)]);
  });

  it('moves up in a queue when those before it leave', () => {
    const events: Told[] = [];
    for (let record = 0; record < 4; record += 1) {
      events.push([record, 'produced', 0, record], [record, 'arrive', 16, record]);
    }
    const residencies = residenciesOf([
      ...events,
      [20, 'depart', 16, 0, 0],
      [30, 'depart', 16, 1, 0],
    ]);
    const third = (milliseconds: number) =>
      dotsAt(residencies, milliseconds).find(({ record }) => record === 2);
    const node = (index: number) => cell(grid(16), index);
    expect([third(19)?.x, third(19)?.y]).toEqual(node(2));
    expect([third(29)?.x, third(29)?.y]).toEqual(node(1));
    expect([third(39)?.x, third(39)?.y]).toEqual(node(0));
  });

  it('never is outside the picture, and has room for a full channel', () => {
    for (const [width, height, form] of [
      [320, 258, 'phone'],
      [700, 360, 'wide'],
      [1200, 440, 'wide'],
      [1900, 224, 'mini'],
    ] as [number, number, Form][]) {
      for (const capacity of [1, 7, 100, 5000]) {
        const one = computeLayout(STANDARD, {
          ...{ width, height, form, scale: 1, controls: true, sample: 1 },
          workers: [1, 12, 100, 1, 1, 1, 1],
          capacities: Array<number>(7).fill(capacity),
        });
        for (const node of [...one.grids.slice(0, 7), ...one.grids.slice(16, 23)]) {
          expect(node.x).toBeGreaterThanOrEqual(0);
          expect(node.x + node.w).toBeLessThanOrEqual(one.width + 0.01);
          expect(node.y + node.h).toBeLessThanOrEqual(one.height + 1);
        }
        for (const tube of one.grids.slice(16, 23)) {
          const nodes = new Set(
            Array.from({ length: capacity }, (_, index) => cell(tube, index).join()),
          );
          if (capacity <= 100) expect(nodes.size).toBe(capacity);
        }
      }
    }
  });
});
