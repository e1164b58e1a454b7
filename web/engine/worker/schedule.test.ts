import { expect, test } from 'vitest';
import type { ScheduleRequest } from '../protocol';
import type { EngineModule, EngineSchedule } from './module';
import { Schedules } from './schedule';

/** An engine in which every step is possible but `X`, and a seed chooses itself. */
function fakeEngine() {
  const calls: string[] = [];
  const make = () => {
    calls.push('new');
    const path: string[] = [];
    const schedule: EngineSchedule = {
      ready: () => [],
      waitsFor: () => [],
      choices: () => ['P', 'V1', 'V2'],
      step: (step) => {
        calls.push(step);
        path.push(step);
      },
      followSeed: (seed) => path.push(...Array.from({ length: seed }, () => 'V2')),
      undo: () => {
        calls.push('undo');
        return path.pop() !== undefined;
      },
      path: () => [...path],
      events: () => new BigUint64Array(),
      ends: () => new Uint32Array([0]),
      standing: () => ({
        channels: {
          ...{ dataCh: [], validCh: [], processedCh: [], errorCh: [] },
          ...{ loaderCh: [], errorHandlerCh: [], metricsCh: [] },
        },
        ...{ processed: [], failed: [], blocked: [], ended: [], isOver: false, isReached: false },
      }),
      free: () => calls.push('free'),
    };
    return schedule;
  };
  // A constructor that returns an object gives that.
  const Schedule = function () {
    return make();
  } as unknown as NonNullable<EngineModule['Schedule']>;
  return { calls, module: { Schedule } };
}

const request = (path: string, seed: number | null = null): ScheduleRequest => ({
  ...{ config: { records: 2 }, goal: 'over', seed },
  path: path.split(' ').filter(Boolean),
});

test('what a path has in common with the one before is not done again', () => {
  const { calls, module } = fakeEngine();
  const schedules = new Schedules();
  const taken = (path: string) => {
    calls.length = 0;
    expect(schedules.at(module, request(path)).path.join(' ')).toBe(path);
    return calls.join(' ');
  };
  expect(taken('P V1')).toBe('new P V1');
  expect(taken('P V1 V2')).toBe('V2');
  expect(taken('P V1')).toBe('undo');
  expect(taken('P V2 V2')).toBe('undo V2 V2');
  expect(taken('')).toBe('undo undo undo');
  // Another run.
  calls.length = 0;
  schedules.at(module, { ...request('P'), config: { records: 3 } });
  expect(calls.join(' ')).toBe('free new P');
});

test('a path ends before a step that isn’t possible', () => {
  const { module } = fakeEngine();
  expect(new Schedules().at(module, request('P X V1'))).toMatchObject({
    path: ['P'],
    refused: 'X',
  });
});

test('a seed chooses the path', () => {
  const { module } = fakeEngine();
  expect(new Schedules().at(module, request('', 3))).toMatchObject({
    ...{ path: ['V2', 'V2', 'V2'], refused: null },
  });
});
