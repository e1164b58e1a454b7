// The headlines of all situations in `tests/vectors`, whose verdicts and advice are tested there.

import { describe, expect, test } from 'vitest';
import measurements from '../../tests/vectors/situations-measured.json?raw';
import situations from '../../tests/vectors/situations.json';
import type { Config } from '../engine/generated/Config';
import type { Metrics } from '../engine/generated/Metrics';
import { STANDARD } from '../recording/topology';
import { diagnose } from './bottleneck';
import type { Diagnosis, Limit } from './bottleneck';
import { MAX_HEADLINE, headlineOf, markOf, textOf } from './headline';
import type { About, Headline } from './headline';
import { sharesBetween } from './time-shares';
import { measurementsOf, testConfig, testMetrics } from './testing';

interface Measured {
  config: Config;
  before: Metrics | null;
  now: Metrics | null;
  over: Metrics;
}

const MEASURED = measurementsOf<Measured>(measurements);

function aboutOf(now: Metrics, before: Metrics | undefined, config: Config, over: boolean): About {
  const window = {
    from: (before?.elapsed_seconds ?? 0) * 1e9,
    to: now.elapsed_seconds * 1e9,
  };
  const diagnosis = diagnose(now, before, config, 2);
  return {
    ...{ diagnosis, now, before, config, window, topology: STANDARD },
    scope: over ? 'run' : 'live',
  };
}

const ROWS = situations.flatMap(({ name, must_not }) => {
  const { config, before, now, over } = MEASURED[name] as Measured;
  const whole = [name, must_not, aboutOf(over, undefined, config, true)] as const;
  return now
    ? [whole, [name, must_not, aboutOf(now, before ?? undefined, config, false)] as const]
    : [whole];
});

function check(about: About, headline: Headline): void {
  expect(headline.title.length, headline.title).toBeLessThanOrEqual(MAX_HEADLINE);
  expect(headline.title).toMatch(
    /^[A-Z]|^(data|valid|processed|error|loader|errorHandler|metrics)Ch /,
  );
  expect(headline.title).not.toMatch(/[.;:!]$/);
  const evidence = textOf(headline.evidence);
  expect(evidence, 'whole sentences').toMatch(/^[A-Z0-9].*\.$/);
  expect(evidence).not.toMatch(/NaN|Infinity|undefined|null|channel -1|node -1| {2}/);
  expect(evidence.length, evidence).toBeLessThanOrEqual(130);
  expect(textOf(headline.brief).length).toBeGreaterThan(0);
  expect(headline.note.length, headline.note).toBeLessThanOrEqual(100);
  // A button applies the whole advice, or there is none.
  if (headline.action) expect(headline.action.changes).toEqual(about.diagnosis.changes);
  // What is said to be busy, is: the figures are those of the window.
  const stage = STANDARD.stages.find(({ node }) => node === headline.node);
  const busy = /(\d+)\u00a0% busy/.exec(evidence)?.[1];
  if (stage && busy !== undefined) {
    const shares = sharesBetween(stage.id, about.now, about.before);
    expect(Math.round((shares?.busy ?? 0) * 100)).toBe(Number(busy));
    if (headline.title.includes('bottleneck') || headline.title.includes('keep')) {
      expect((shares?.busy ?? 0) + (shares?.ready ?? 0)).toBeGreaterThan(0.8);
    }
  }
}

describe.each(ROWS)('%s', (_, mustNot, about) => {
  const headline = headlineOf(about);

  test(headline.title, () => {
    check(about, headline);
    const all = `${headline.title} ${textOf(headline.evidence)} ${headline.note}`;
    for (const text of mustNot) expect(all).not.toContain(text);
    if (about.scope === 'run') expect(headline.title).not.toMatch(/ (is|are|sets) /);
  });
});

test('every kind of limit has a headline', () => {
  const limits: Limit[] = [
    ...([
      'nothing-measured',
      'paused',
      'over',
      'too-early',
      'waiting',
      'workers',
      'cores',
    ] as const),
    ...(['several', 'slow-consumer', 'fan-out', 'producer', 'rate-limit', 'batch'] as const),
    ...(['window', 'capacity', 'none'] as const),
  ];
  const now = testMetrics({ elapsed_seconds: 2, produced: 20, processed: 20 });
  for (const scope of ['live', 'replay', 'run', 'since-change'] as const) {
    for (const limit of limits) {
      for (const stage of ['producer', 'transformer', 'metrics_collector', 'fan_out', null]) {
        const diagnosis: Diagnosis = {
          ...{ limit, stage, finding: '', advice: 'x', changes: [], next: null, sentence: '' },
        };
        const headline = headlineOf({
          ...{ diagnosis, now, before: undefined, config: testConfig(), topology: STANDARD, scope },
          window: { from: 0, to: 2e9 },
        });
        expect(headline.title.length, headline.title).toBeLessThanOrEqual(MAX_HEADLINE);
        expect(textOf(headline.evidence)).not.toMatch(/NaN|undefined|null/);
      }
    }
  }
});

const opening = MEASURED['the opening run, well on its way'] as Measured;

function openingAbout(changes: Partial<About> = {}): About {
  const { now, before, config } = opening;
  if (!now || !before) throw new Error('it was not measured');
  return { ...aboutOf(now, before, config, false), ...changes };
}

const said = (headline: Headline) => textOf(headline.evidence).replaceAll('\u00a0', ' ');

test('the opening run: who, since when, behind whom, and what to do', () => {
  const channel = STANDARD.channels.find(({ id }) => id === 'validCh')?.node ?? 0;
  const pressure = { channel, depth: 10, capacity: 10, fullFor: 4.3e9, blocked: 2, senders: 3 };
  const headline = headlineOf(openingAbout({ pressure }));
  expect(headline.title).toBe('Transformers are the bottleneck');
  expect(said(headline)).toMatch(
    /^\d+ % busy in the last 2 s\. validCh has been full for 4\.3 s: two of 3 Validators blocked behind it\.$/,
  );
  expect(headline.action).toMatchObject({ label: 'Add a Transformer', detail: '3 → 4' });
  expect(markOf(headline)).toEqual({ node: 2, calm: false });
});

test('while a queue drains the stage behind it catches up, whatever limits', () => {
  const channel = STANDARD.channels.find(({ id }) => id === 'validCh')?.node ?? 0;
  const draining = { channel, depth: 4.2, capacity: 10 };
  const headline = headlineOf(openingAbout({ draining }));
  expect(headline.title).toBe('Transformers catch up, validCh drains');
  expect(said(headline)).toContain('4 of 10 left in validCh.');
  expect(headline).toMatchObject({ action: null, calm: true, node: 2 });
  // Of a run that is over, nothing drains any more.
  expect(headlineOf(openingAbout({ draining, scope: 'run' })).title).toBe(
    'Transformers were the bottleneck',
  );
});

test('of a run of few records it is said why there is no verdict', () => {
  const { over, config } = MEASURED['a run of three records'] as Measured;
  const headline = headlineOf(aboutOf(over, undefined, config, true));
  expect(headline.title).toBe('Too few records for a verdict');
  expect(said(headline)).toMatch(/^Three records went through\./);
});

test('just after a change it is said what is being measured', () => {
  const diagnosis: Diagnosis = {
    ...{ limit: 'too-early', stage: null, finding: '', advice: '', changes: [], next: null },
    sentence: '',
  };
  const changed = 'Transformers 3 → 4';
  expect(headlineOf(openingAbout({ diagnosis, changed })).title).toBe(
    'Measuring Transformers 3 → 4',
  );
});
