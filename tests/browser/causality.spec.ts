// The log of a run on web workers, each of which has a clock of its own: nothing happens before what it follows from.

import type { Page } from '@playwright/test';
import { referenceRun, waiting } from '../../web/settings/settings';
import type { Settings } from '../../web/settings/settings';
import { expect, test } from './page';
import { open, run } from './steps';

/** Three web workers pass records on as often as they can. */
const busy: Settings = {
  ...referenceRun(),
  records: 3000,
  buffer: 2,
  threads: 3,
  invalidValue: 'every 3',
};
const slow: Settings = {
  ...busy,
  records: 300,
  service: waiting({ validator: '0-2ms', transformer: '0-3ms', error_handler: '0-1ms' }),
};

/** What in the log of the run on screen comes before its cause, and who has a record at the end. */
function faults(page: Page) {
  return page.evaluate(() => {
    const { recording, residencies } = window.clearpipe.session.screen;
    if (!recording || !residencies) throw new Error('there is no recording');
    const { log } = recording;
    const found: string[] = [];
    // By record and node: what was there last. What comes first has the lower number.
    const order: Partial<Record<number, number>> = {
      2: 0,
      4: 2,
      5: 2,
      6: 2,
      7: 2,
      8: 2,
      9: 2,
      10: 2,
      11: 2,
      3: 3,
      12: 4,
      13: 5,
      0: 6,
      1: 7,
    };
    const last = new Map<string, number>();
    const depths = new Map<number, number>();
    const produced = new Set<number>();
    for (let index = log.begin; index < log.end; index += 1) {
      const [kind, node, record] = [log.kind(index), log.node(index), log.record(index)];
      if (index > log.begin && log.time(index) < log.time(index - 1))
        found.push(`${index} goes back in time`);
      const step = order[kind];
      if (record < 0 || step === undefined) continue;
      if (kind === 4) produced.add(record);
      else if (!produced.has(record)) found.push(`${record} is somewhere before it was produced`);
      const key = `${record} at ${node}`;
      if ((last.get(key) ?? 0) > step)
        found.push(`${key}: step ${step} after step ${last.get(key) ?? 0}`);
      last.set(key, step);
      // A stage begins with what has left the channel before it.
      const inputs: Record<number, number[]> = {
        1: [16],
        2: [17],
        3: [18, 19],
        4: [20],
        5: [21],
        6: [22],
      };
      if (
        kind === 2 &&
        !(inputs[node] ?? []).some((from) => last.get(`${record} at ${from}`) === 7)
      ) {
        found.push(`${key}: work begins before it was received`);
      }
      if (kind > 1 || node < 16) continue;
      const depth = (depths.get(node) ?? 0) + (kind === 0 ? 1 : -1);
      depths.set(node, depth);
      if (depth < 0 || depth > 2) found.push(`channel ${node} holds ${depth}`);
    }
    residencies.update();
    const stuck = residencies.workers.flatMap((workers, stage) =>
      workers.flatMap(({ held }, at) =>
        held.size > 0 ? [`worker ${at} of ${stage} has ${held.size}`] : [],
      ),
    );
    return { records: produced.size, events: log.end, found: found.slice(0, 5), stuck };
  });
}

for (const [name, settings] of [
  ['as fast as it goes', busy],
  ['with service times', slow],
] as const) {
  test(`${name}, a record is received after it was sent`, async ({ page, servers }) => {
    await open(page, servers.isolated, settings);
    for (let round = 0; round < 3; round += 1) {
      await run(page);
      const { records, found, stuck } = await faults(page);
      // Where they come too fast, not all are traced.
      expect(records).toBeGreaterThan(100);
      expect(found).toEqual([]);
      expect(stuck, 'all workers have ended').toEqual([]);
    }
  });
}
