// What a page can see of a run while it goes on, and do to it, through the engine's client: with threads, where it
// reads the events from shared memory, and without, where they are sent.

import type { Page } from '@playwright/test';
import type { PartialConfig } from '../../web/engine/partial';
import type { Progress } from '../../web/engine/protocol';
import { expect, startedServers, test } from './page';

/** The numbers of kinds of events, as `crates/core/src/trace/event.rs` has them. */
const KINDS = { produced: 4, counted: 11, sampling: 18 };

const TEXTBOOK: PartialConfig = { batch: '1', trace: { enabled: true } };

/** Runs a traced pipeline, and says how many events of which kind had come when it was finished. */
function eventsOf(page: Page, config: PartialConfig, abortAfter?: number) {
  return page.evaluate(
    async ({ config, abortAfter }) => {
      const kinds = new Map<number, number>();
      let messages = 0;
      const run = window.clearpipe.engine.run(config, {
        onevents: (words) => {
          messages += 1;
          for (let at = 0; at < words.length; at += 2) {
            const kind = Number(((words[at] ?? 0n) >> 8n) & 0xffn);
            kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
          }
        },
      });
      if (abortAfter !== undefined) {
        setTimeout(() => {
          run.abort();
        }, abortAfter);
      }
      const result = await run.finished.catch(() => null);
      return {
        counts: Object.fromEntries(kinds),
        messages,
        dropped: result?.metrics.trace_dropped_records,
      };
    },
    { config, abortAfter },
  );
}

for (const server of ['isolated', 'plain'] as const) {
  test.describe(`on a page that is ${server}`, () => {
    test.beforeEach(async ({ page }) => {
      await page.goto(startedServers()[server]);
    });

    test('all events of a run come before it is finished', async ({ page }) => {
      // One run after the other: the memory of the first is given back meanwhile.
      for (const kind of ['pool', 'local', 'virtual'] as const) {
        for (const records of [500, 20]) {
          const config = { ...TEXTBOOK, records, runtime: { kind } };
          const { counts, dropped } = await eventsOf(page, config);
          expect(dropped).toBe(0);
          expect(counts[KINDS.produced]).toBe(records);
          expect(counts[KINDS.counted]).toBe(records);
          expect(counts[KINDS.sampling]).toBe(1);
        }
      }
    });

    test('events come while the run goes on, and when it is aborted', async ({ page }) => {
      const config = { ...TEXTBOOK, records: 1_000_000, generator: { rate_limit: 500 } };
      const { counts, messages, dropped } = await eventsOf(page, config, 1500);
      expect(dropped).toBeUndefined();
      expect(messages).toBeGreaterThan(1);
      expect(counts[KINDS.produced]).toBeGreaterThan(50);
      // The engine is as good as before.
      expect((await eventsOf(page, TEXTBOOK)).counts[KINDS.counted]).toBe(50);
    });

    test('the sampling follows the source', async ({ page }) => {
      const config: PartialConfig = {
        ...{ records: 30_000, batch: '1', generator: { rate_limit: 10_000 } },
        trace: { enabled: true, rate: 200 },
      };
      const { counts } = await eventsOf(page, config);
      expect(counts[KINDS.sampling]).toBeGreaterThan(3);
      expect(counts[KINDS.produced]).toBeLessThan(2000);
    });

    test('a run at full speed reports, and stops when it is told to', async ({ page }) => {
      const RECORDS = 1_000_000_000;
      for (const kind of ['pool', 'local', 'virtual'] as const) {
        const produced = await page.evaluate(
          async ({ records, kind }) => {
            let reports = 0;
            const run = window.clearpipe.engine.run(
              { records, runtime: { kind } },
              {
                onprogress: () => {
                  reports += 1;
                  if (reports === 3) run.stop();
                },
              },
            );
            return (await run.finished).metrics.produced;
          },
          { records: RECORDS, kind },
        );
        expect(produced).toBeGreaterThan(0);
        expect(produced).toBeLessThan(RECORDS);
      }
    });

    test('a run is stepped, adjusted and paced', async ({ page }) => {
      const found = await page.evaluate(async () => {
        const progress: Progress[] = [];
        const refused: string[] = [];
        const run = window.clearpipe.engine.run(
          {
            ...{ records: 1_000_000, batch: '1', workers: 1, ordered: false },
            generator: { rate_limit: 100 },
            runtime: { kind: 'virtual' },
          },
          {
            onprogress: (now) => progress.push(now),
            onnotadjusted: (problems) => {
              refused.push(...problems.map(({ path, text }) => `${path} ${text}`));
            },
          },
        );
        /** The first report from the next one but one on (the next may be on its way already) that is as wanted. */
        const report = async (wanted: (now: Progress) => boolean = () => true) => {
          const from = progress.length + 1;
          for (;;) {
            const found = progress.slice(from).find(wanted);
            if (found) return found;
            await new Promise((wake) => setTimeout(wake, 10));
          }
        };
        const finished = ({ metrics }: Progress) => metrics.processed + metrics.failed;
        run.pace(2);
        const first = await report();
        const last = await report(({ at }) => at > first.at + 600);
        const pace = ((last.elapsed - first.elapsed) * 1000) / (last.at - first.at);
        run.pause();
        const paused = () => report(({ metrics }) => metrics.paused);
        // What was under way when it was paused still ends.
        let before = await paused();
        for (let next = await paused(); finished(next) > finished(before); next = await paused()) {
          before = next;
        }
        const steps = [];
        for (let step = 0; step < 3; step += 1) {
          run.step();
          steps.push(finished(await report(({ metrics }) => metrics.paused)) - finished(before));
        }
        run.adjust({ workers: 0 });
        run.adjust({ workers: 5 });
        run.resume();
        await report(({ metrics }) => {
          const present = metrics.stages[1].workers.filter(({ state }) => state !== null);
          return present.length === 5;
        });
        run.stop();
        run.pace(0);
        const { metrics } = await run.finished;
        return { pace, steps, refused, metrics };
      });
      // Never faster; a machine that has more to do may be too slow for it.
      expect(found.pace).toBeGreaterThan(0.5);
      expect(found.pace).toBeLessThan(2.2);
      expect(found.steps).toEqual([1, 2, 3]);
      expect(found.refused).toEqual(['workers is 0; it must be from 1 to 65535']);
      expect(found.metrics.processed + found.metrics.failed).toBe(found.metrics.produced);
    });
  });
}
