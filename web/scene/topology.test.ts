// The page draws, names and counts any stages and channels that a log describes.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { journeyOf } from '../analysis/journey';
import { ledgerOf } from '../analysis/ledger';
import { littlesLaw } from '../analysis/little';
import { metricsFromEvents } from '../analysis/metrics-from-events';
import { depths } from '../analysis/series';
import { AUDITED, AUDITOR, AUDIT_CH, MS, auditedEvents, recordingOf } from '../analysis/testing';
import { NODE } from '../recording/events';
import { inFlightRecords } from '../recording/in-flight-records';
import { EXIT, Residencies } from '../recording/residencies';
import { Topology } from '../recording/topology';
import { computeLayout } from './layout';
import type { Layout, LayoutInput } from './layout';
import { dotAt, momentAt } from './position';
import { Routes } from './routes';
import { sceneAt } from './scene-state';

function layoutOf(topology: Topology, changes: Partial<LayoutInput> = {}): Layout {
  return computeLayout(topology, {
    ...{ width: 1300, height: 440, form: 'wide', scale: 1, controls: false, sample: 1 },
    workers: topology.stages.map(({ is_pool }) => (is_pool ? 3 : 1)),
    capacities: topology.channels.map(() => 10),
    ...changes,
  });
}

/** Expects that everything is in the picture and nothing overlaps. */
function expectTidy({ boxes, width, height }: Layout, topology: Topology): void {
  const nodes = [...topology.stages, ...topology.channels].map(({ node }) => node);
  const rects = nodes.map((node) => boxes[node]).filter((box) => box !== undefined);
  expect(rects).toHaveLength(nodes.length);
  rects.forEach((a, at) => {
    expect(Math.min(a.x, a.y)).toBeGreaterThanOrEqual(0);
    expect(Math.min(a.w, a.h)).toBeGreaterThan(2);
    expect(a.x + a.w).toBeLessThanOrEqual(width + 1e-6);
    expect(a.y + a.h).toBeLessThanOrEqual(height + 1e-6);
    for (const b of rects.slice(at + 1)) {
      const isApart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
      expect(isApart, `${JSON.stringify(a)} and ${JSON.stringify(b)}`).toBe(true);
    }
  });
}

const FORMS = [
  { width: 280, height: 258, form: 'phone' },
  { width: 390, height: 258, form: 'phone' },
  { width: 700, height: 360, form: 'wide' },
  { width: 980, height: 386, form: 'wide' },
  { width: 1024, height: 404, form: 'wide', scale: 1.22 },
  { width: 1100, height: 224, form: 'mini' },
  { width: 1540, height: 532, form: 'wide', controls: true },
] as const;

describe('a second Error Handler', () => {
  const recording = recordingOf([...auditedEvents(0), ...auditedEvents(1, 20)], undefined, {
    topology: AUDITED,
  });
  const residencies = new Residencies(recording.log, AUDITED, 1000);
  residencies.update();
  ledgerOf(recording).catchUp();
  /** The nodes that record 0 is in at a time in milliseconds, as dots show it. */
  const nodesAt = (milliseconds: number) => {
    const routes = new Routes(AUDITED, layoutOf(AUDITED));
    const moment = momentAt(residencies, milliseconds * MS, 0.1 * MS);
    const [first, behind] = residencies.range(moment.time, moment.ramp);
    return Array.from({ length: behind - first }, (_, at) => first + at)
      .filter((visit) => dotAt(residencies, visit, moment, routes))
      .map((visit) => residencies.word(visit, 3) & 0xff)
      .sort((a, b) => a - b);
  };

  test('has a place below those of the other consumers, beside its channel', () => {
    for (const form of FORMS) {
      const { boxes } = layoutOf(AUDITED, form);
      const consumers = [NODE.loader, NODE.error_handler, NODE.metrics_collector, AUDITOR];
      const middles = consumers.map(
        (node) => (boxes[node]?.y ?? NaN) + (boxes[node]?.h ?? NaN) / 2,
      );
      expect(middles).toEqual(middles.toSorted((a, b) => a - b));
      expect(new Set(consumers.map((node) => boxes[node]?.x)).size).toBe(1);
      const [channel, consumer] = [boxes[AUDIT_CH], boxes[AUDITOR]];
      expect((channel?.y ?? NaN) + (channel?.h ?? NaN) / 2).toBeCloseTo(middles.at(-1) ?? NaN);
      expect(channel?.x).toBeLessThan(consumer?.x ?? NaN);
      expectTidy(layoutOf(AUDITED, form), AUDITED);
    }
  });

  test('has the dots that the log says', () => {
    expect(nodesAt(5.5)).toEqual([NODE.fan_out]);
    expect(nodesAt(6.5)).toEqual([NODE.loaderCh, NODE.errorHandlerCh, NODE.metricsCh, AUDIT_CH]);
    expect(nodesAt(7.5)).toEqual([...[NODE.loader, NODE.metrics_collector, AUDIT_CH]]);
    expect(nodesAt(10)).toEqual([AUDITOR]);
    expect(nodesAt(11.05)).toEqual([EXIT + AUDITOR]);
    expect(nodesAt(15)).toEqual([]);
    expect(residencies.recordsInFlight).toBe(0);
    expect(inFlightRecords(residencies, 10 * MS, 9)).toEqual([
      { record: 0, node: AUDITOR, worker: 0, state: 'failed' },
    ]);
  });

  test('is named and counted', () => {
    const { stages, channels } = sceneAt(recording, residencies, 7.5 * MS);
    expect(stages.at(-1)).toMatchObject({ node: AUDITOR, id: 'error_auditor', count: 1 });
    expect(channels.at(-1)).toMatchObject({ node: AUDIT_CH, id: 'auditCh', depth: 1 });
    expect(sceneAt(recording, residencies, 9 * MS).stages.at(-1)?.workers[0]).toMatchObject({
      ...{ record: 0, held: 1 },
    });
    const metrics = metricsFromEvents(recording, 12 * MS);
    expect(metrics.stages.at(-1)).toMatchObject({ stage: 'error_auditor', workers: [{}] });
    expect(metrics.channels.at(-1)).toMatchObject({ channel: 'auditCh', passed: 1 });
    const window = { from: 0, to: 40 * MS };
    expect(depths(recording, window, 4).lines.at(-1)?.label).toBe('auditCh');
    expect(littlesLaw(recording, window).at(-1)).toMatchObject({ channel: AUDIT_CH, records: 2 });
    // Written twice, and completed once.
    expect(ledgerOf(recording).completions.between(0, 40 * MS)).toHaveLength(2);
  });

  test('is in journeys', () => {
    const journey = journeyOf(recording, 0);
    const told = journey?.spans.map(({ node, kind, from, to }) => {
      return `${AUDITED.nameOf(node)} ${kind} ${from / MS}-${(to ?? NaN) / MS}`;
    });
    expect(told).toContain('auditCh channel 6-8');
    expect(told).toContain('Error Auditor held 8-11');
    expect(journey?.written).toBe(11 * MS);
  });
});

/** Any pipeline: each stage receives from stages before it. */
const anyTopology = fc
  .array(
    fc.record({
      is_pool: fc.boolean(),
      inputs: fc.array(fc.array(fc.nat(15), { minLength: 1, maxLength: 3 }), {
        ...{ minLength: 1, maxLength: 3 },
      }),
    }),
    { maxLength: 15 },
  )
  .map((others) => {
    const name = (node: number) => ({ node, id: `n${node}`, name: `Node ${node}` });
    const stages = [{ ...name(0), is_pool: false }];
    const channels: {
      node: number;
      id: string;
      name: string;
      senders: number[];
      receivers: number[];
    }[] = [];
    others.forEach(({ is_pool, inputs }, index) => {
      const stage = index + 1;
      stages.push({ ...name(stage), is_pool });
      inputs.forEach((from, at) => {
        // A channel for each stage comes first, as there may not be enough for more.
        if (at > 0 && channels.length + others.length - index > 32) return;
        const senders = [...new Set(from.map((sender) => sender % stage))];
        channels.push({ ...name(16 + channels.length), senders, receivers: [stage] });
      });
    });
    return { stages, channels };
  });

test('any pipeline is drawn, everything in a place of its own', () => {
  fc.assert(
    fc.property(anyTopology, fc.constantFrom(...FORMS), (data, form) => {
      const topology = new Topology(data);
      expectTidy(layoutOf(topology, form), topology);
    }),
  );
});
