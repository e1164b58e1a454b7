// Every case of tests/cases in Chromium: on web workers, on one thread, on the virtual clock, and on the engine
// without threads. Byte for byte what the native engines make of it.

import type { Browser, Page } from '@playwright/test';
import type { RuntimeKind } from '../../web/engine/generated/RuntimeKind';
import type { PartialConfig } from '../../web/engine/partial';
import { readCases } from './cases';
import type { Case } from './cases';
import { runInPage } from './in-page';
import type { Found } from './in-page';
import { complaintsOf, expect, startedServers, test as base } from './page';

/** Pages whose engines stay as they are: an engine is started anew for another number of threads. */
interface Engines {
  one: Page;
  two: Page;
  /** Without threads. */
  single: Page;
}

const test = base.extend<object, { engines: Engines }>({
  engines: [
    async ({ browser }, use) => {
      const { isolated, plain } = startedServers();
      const complaints: string[][] = [];
      const visit = async (browser: Browser, url: string) => {
        const page = await browser.newPage();
        complaints.push(complaintsOf(page));
        await page.goto(url);
        return page;
      };
      const engines = {
        one: await visit(browser, isolated),
        two: await visit(browser, isolated),
        single: await visit(browser, plain),
      };
      await use(engines);
      expect(complaints.flat(), 'what the pages complained about').toEqual([]);
      for (const page of Object.values(engines)) await page.close();
    },
    { scope: 'worker' },
  ],
});

interface Variant {
  page: keyof Engines;
  kind: RuntimeKind;
  threads?: number;
  cores?: number;
  workers: number;
  batch: string;
}

const variants: Variant[] = [
  ...[1, 2, 8].map((workers): Variant => ({
    page: 'one',
    kind: 'pool',
    threads: 1,
    workers,
    batch: 'auto',
  })),
  ...[1, 2, 8].map((workers): Variant => ({
    page: 'two',
    kind: 'pool',
    threads: 2,
    workers,
    batch: 'auto',
  })),
  { page: 'two', kind: 'pool', threads: 2, workers: 3, batch: '1' },
  { page: 'two', kind: 'local', workers: 3, batch: 'auto' },
  { page: 'two', kind: 'virtual', cores: 4, workers: 3, batch: 'auto' },
  { page: 'two', kind: 'virtual', cores: 2, workers: 8, batch: '7' },
  { page: 'single', kind: 'pool', workers: 3, batch: 'auto' },
  { page: 'single', kind: 'virtual', cores: 1, workers: 2, batch: '1' },
];

/** A large case is about size: the pool, one thread, and the engine without threads are enough. */
const fits = ({ page, kind, workers, batch }: Variant, { large }: Case) =>
  !large ||
  (batch === 'auto' &&
    (page === 'single' || kind === 'local' || (page === 'two' && workers === 8)));

function configFor({ config }: Case, variant: Variant): PartialConfig {
  const { kind, threads, cores, workers, batch } = variant;
  return {
    workers,
    batch,
    ...config,
    runtime: { cores, ...config.runtime, kind, threads },
  };
}

/** What can be compared: lines in their order, or in any order where that is not promised. */
function comparable(found: Found, { config, expected }: Case): unknown {
  if ('problems' in found) return found;
  const { metrics } = found;
  const file = (text: string) =>
    config.ordered === false ? text.split('\n').sort() : text.split('\n');
  const files =
    'sha256' in expected
      ? { sha256: { processed: found.processed, failed: found.failed } }
      : { processed: file(found.processed), failed: file(found.failed) };
  const { produced, processed, failed, failed_by_status, anomalies } = metrics;
  const { total_value, input_bytes, processed_bytes, failed_bytes } = metrics;
  return {
    ...files,
    metrics: {
      ...{ produced, processed, failed, failed_by_status, anomalies },
      ...{ total_value, input_bytes, processed_bytes, failed_bytes },
      ...(metrics.reasons.length > 0 && { reasons: metrics.reasons }),
      ...(metrics.replaced_fields && { replaced_fields: true }),
      ...(metrics.notices.length > 0 && { notices: metrics.notices }),
    },
  };
}

function comparableExpected({ config, expected }: Case): unknown {
  if (!('processed' in expected)) return expected;
  const file = (text: string) =>
    config.ordered === false ? text.split('\n').sort() : text.split('\n');
  return { ...expected, processed: file(expected.processed), failed: file(expected.failed) };
}

const cases = readCases();

test('there are enough cases', () => {
  expect(cases.length).toBeGreaterThanOrEqual(25);
});

for (const one of cases) {
  test(`case ${one.name}`, async ({ engines }) => {
    test.skip(one.skip !== undefined, one.skip);
    test.fail(one.knownFailure !== undefined, one.knownFailure);
    test.setTimeout(one.large ? 300_000 : 60_000);
    for (const variant of variants.filter((variant) => fits(variant, one))) {
      const found = await runInPage(engines[variant.page], {
        config: configFor(one, variant),
        inputs: one.inputs,
        hashes: 'sha256' in one.expected,
      });
      expect(comparable(found, one), `on ${JSON.stringify(variant)}`).toEqual(
        comparableExpected(one),
      );
    }
  });
}
