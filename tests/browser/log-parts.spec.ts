// Parts that `clearpipe events cut` cuts out of event logs: what the page makes of one, at each time of it, is what it
// makes of the whole log.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LoggedRun } from '../../web/log-file/open';
import { FIRST_CHANNEL } from '../../web/recording/events';
import { EXIT, OPEN, Residencies, stateIn } from '../../web/recording/residencies';
import { isChannel } from '../../web/recording/topology';
import { sceneAt } from '../../web/scene/scene-state';
import { TimelineData } from '../../web/timeline/timeline-data';
import { buildNatively, printedNatively } from './cli';
import { readLog } from './logs';
import { expect, test } from './page';
import { drop, open } from './steps';

let folder: string;

test.beforeAll(async () => {
  test.setTimeout(600_000);
  folder = mkdtempSync(join(tmpdir(), 'clearpipe-log-parts-'));
  await buildNatively();
});

test.afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const TICK = 1;

/** What the page makes of a log: where its records were, and what the workers did. */
function seen({ recording }: LoggedRun) {
  const residencies = new Residencies(recording.log, recording.topology, TICK);
  residencies.update();
  const timeline = new TimelineData(recording);
  timeline.advance();
  return { recording, residencies, timeline };
}

/** The records at a time: where, in which place there, and in which state. */
function dotsAt({ residencies }: ReturnType<typeof seen>, time: number): string[] {
  const dots: string[] = [];
  const [first, behind] = residencies.range(time, 0);
  for (let visit = first; visit < behind; visit += 1) {
    const [from, to] = [residencies.word(visit, 0), residencies.word(visit, 1)];
    if (from > time / TICK || (to !== OPEN && to <= time / TICK)) continue;
    const place = residencies.word(visit, 3);
    const node = place & 0xff;
    // On its way out of the picture.
    if (node >= EXIT) continue;
    // In a channel, the place counts from its first record. Which of its places a worker gives to a record depends on all
    // that it had before.
    const departed = residencies.departed[node - FIRST_CHANNEL]?.upTo(time) ?? 0;
    const slot = isChannel(node) ? `, place ${residencies.word(visit, 4) - departed}` : '';
    dots.push(`#${residencies.word(visit, 5)} at ${place} (${stateIn(place)})${slot}`);
  }
  return dots.sort();
}

/** What the picture and the timeline tell of a time, but for what depends on the whole run until then. */
function told(run: ReturnType<typeof seen>, time: number) {
  const { recording, residencies, timeline } = run;
  const { stages, channels, sample, exact } = sceneAt(recording, residencies, time);
  const states = recording.topology.stages.map(({ node }) =>
    Array.from({ length: timeline.workersOf(node) }, (_, worker) => {
      // Of a worker without any event, the page says that it waits.
      const state = timeline.worker(node, worker)?.at(time) ?? -1;
      return state < 0 ? 'waiting' : state;
    }),
  );
  const depths = channels.map(({ node }) => timeline.channel(node)?.depth.at(time));
  return {
    ...{ sample, exact, channels, states, depths },
    stages: stages.map((stage) => ({
      ...stage,
      finished: null,
      shelved: 0,
      // What a worker does next may be behind the end of the part.
      workers: stage.workers.map((worker) => ({ ...worker, progress: null })),
    })),
    dots: dotsAt(run, time),
  };
}

const RUNS = [
  '-n 120 --workers 2 --buffer 4 --wait transformer=5ms',
  '-n 400 --cores 2 --workers 3 --batch 16 --compute transformer=200us --wait loader=50us',
  '-n 200 --workers 3 --buffer 2 --wait validator=1ms-9ms --panic validator=20% --set ordered=false',
];

async function printed(...args: string[]): Promise<string> {
  return printedNatively(['events', ...args]);
}

const path = (name: string) => join(folder, name);

/** Runs the pipeline on the virtual clock. Returns when the last event is, in nanoseconds. */
async function traced(flags: string): Promise<number> {
  const run = ['run', '-q', '--runtime', 'virtual', '--out-dir', folder];
  await printedNatively([...run, '--trace', path('run.events'), ...flags.split(' ')]);
  const summary = JSON.parse(await printed('summary', path('run.events'))) as { last_ns: number };
  return summary.last_ns;
}

for (const flags of RUNS) {
  test(`a part of a log shows what the whole log shows: ${flags}`, async ({ page, servers }) => {
    const end = await traced(flags);
    await open(page, servers.isolated);
    const whole = seen(await readLog(page, readFileSync(path('run.events'))));
    for (const [from, to] of [
      [0.1, 0.3],
      [0.55, 0.95],
      [0.62, 1],
    ] as const) {
      const times = [Math.floor(from * end), Math.floor(to * end)] as const;
      const [first, last] = [`${times[0]}ns`, `${times[1]}ns`];
      const where = ['-q', '-o', path('part.events')];
      await printed('cut', path('run.events'), '--from', first, '--to', last, ...where);
      const read = await readLog(page, readFileSync(path('part.events')));
      const part = seen(read);
      expect(read.warning).toContain('The log has only a part of its run, from ');
      expect(part.recording.log.firstTime).toBe(times[0]);
      for (let share = 0; share <= 1; share += 1 / 16) {
        const time = Math.floor(times[0] + share * (times[1] - times[0]));
        expect(told(part, time), `${flags}: ${first} to ${last}, at ${time}`).toEqual(
          told(whole, time),
        );
      }
    }
  });
}

test('the page says which part it has, and goes back no further', async ({ page, servers }) => {
  const end = await traced(RUNS[0]);
  const [from, to] = [Math.floor(end / 2), Math.floor((end * 3) / 4)];
  const where = ['-q', '-o', path('part.events')];
  await printed('cut', path('run.events'), '--from', `${from}ns`, '--to', `${to}ns`, ...where);
  await open(page, servers.isolated);
  await drop(page, 'part.events', readFileSync(path('part.events')));
  await expect(page.getByText('The log has only a part of its run')).toBeVisible();
  await expect(page.getByText('The event log has only a part of the run')).toBeVisible();
  const begin = await page.evaluate(() => window.clearpipe.session.screen.playback?.begin);
  expect(begin).toBe(from);
  await page.getByLabel('Time on screen').fill('0');
  const time = await page.evaluate(() => window.clearpipe.session.screen.playback?.time);
  expect(time).toBeGreaterThanOrEqual(from);
});
