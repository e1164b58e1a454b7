// How two runs differ: in their settings, and in what came of that, in words.

import type { Config } from '../engine/generated/Config';
import { effectiveAt, nameOf, wordOf } from '../analysis/setting-changes';
import {
  count,
  counted,
  listed,
  percent,
  perSecond,
  seconds,
  sentence,
  signedPercent,
} from '../format';
import type { Topology } from '../recording/topology';
import { leavesOf } from '../settings/config-leaves';
import type { NodeFigures, RunFigures } from './figures';

/** A row of the table. */
export interface Difference {
  name: string;
  /** The figure of each run, in words. */
  a: string;
  b: string;
  /** The same as numbers; null where a run has none. */
  values: { a: number | null; b: number | null };
  /** What these are in; empty for a share. */
  unit: string;
  /** `+31 %, more`: by sign and by word. Empty where there is nothing to compare. */
  change: string;
}

/** Values that differ by less than this share are the same. */
const SAME = 0.005;

/** A headline tells a difference from this share on. */
const TOLD = 0.01;

/** So many settings are named. */
const MOST_NAMED = 3;

/** What doesn't change how a run goes. */
const IRRELEVANT = /^(trace|output|metrics)\b/;

/** Returns the rows of the table. */
export function differencesOf(a: RunFigures, b: RunFigures, topology: Topology): Difference[] {
  const rows: (Difference | null)[] = [
    row('records/s', 'records/s', a.rate, b.rate, perSecond, ['more', 'fewer']),
    row('median latency', 's', a.median, b.median, seconds, ['longer', 'shorter']),
    row('99th percentile', 's', a.p99, b.p99, seconds, ['longer', 'shorter']),
    ...byNode(a.busy, b.busy, (node) => `${topology.nameOf(node)}s busy`, '', percent),
    ...byNode(a.blocked, b.blocked, (node) => `${topology.nameOf(node)}s blocked`, '', percent),
    ...byNode(a.longest, b.longest, (node) => `most in ${topology.nameOf(node)}`, 'records', count),
  ];
  return rows.filter((row) => row !== null);
}

function byNode(
  a: readonly NodeFigures[],
  b: readonly NodeFigures[],
  name: (node: number) => string,
  unit: string,
  format: (value: number) => string,
): (Difference | null)[] {
  return a.map(({ node, value }) => {
    const other = b.find((one) => one.node === node)?.value ?? null;
    return row(name(node), unit, value, other, format, ['more', 'less']);
  });
}

function row(
  name: string,
  unit: string,
  a: number | null,
  b: number | null,
  format: (value: number) => string,
  words: readonly [more: string, less: string],
): Difference | null {
  // What is nothing in both tells nothing.
  if ((a ?? 0) === 0 && (b ?? 0) === 0) return null;
  const text = (value: number | null) => (value === null ? '–' : format(value));
  const change = unit === '' ? pointsOf(a, b, words) : changeOf(a, b, words);
  return { name, a: text(a), b: text(b), values: { a, b }, unit, change };
}

function changeOf(
  a: number | null,
  b: number | null,
  [more, less]: readonly [more: string, less: string],
): string {
  if (a === null || b === null) return '';
  if (a === b || Math.abs(b - a) < SAME * Math.max(Math.abs(a), Math.abs(b))) return 'the same';
  const word = b > a ? more : less;
  // From nothing there is no share.
  return a === 0 ? word : `${signedPercent(b / a - 1)}, ${word}`;
}

/** Of shares, the difference is told in points: a share of a share would be mistaken for it. */
function pointsOf(
  a: number | null,
  b: number | null,
  [more, less]: readonly [more: string, less: string],
): string {
  if (a === null || b === null) return '';
  const points = Math.round(100 * b) - Math.round(100 * a);
  if (points === 0) return 'the same';
  return `${points > 0 ? '+' : '−'}${counted(Math.abs(points), 'point')}, ${points > 0 ? more : less}`;
}

/** Says in at most 60 characters what the second run does better or worse. */
export function headlineOf(a: RunFigures | null, b: RunFigures | null): string {
  if (!a || !b) return 'Too little has ended to compare';
  const share = b.rate / a.rate - 1;
  if (Math.abs(share) >= TOLD) {
    return `B passes ${percent(Math.abs(share))} ${share > 0 ? 'more' : 'fewer'}`;
  }
  const latency = a.median && b.median ? b.median / a.median - 1 : 0;
  if (Math.abs(latency) >= TOLD) {
    return `As many pass in B, ${percent(Math.abs(latency))} ${latency > 0 ? 'slower' : 'faster'} each`;
  }
  return 'Both come out the same';
}

/** Says which settings differ, the first of them by name. */
export function settingsText(a: Config, b: Config): string {
  const texts = differingSettings(a, b).map(({ name, from, to }) => `${name} ${from} → ${to}`);
  if (texts.length === 0) return 'Both have the same settings.';
  const more = texts.length - MOST_NAMED;
  const named = more > 1 ? [...texts.slice(0, MOST_NAMED), `${count(more)} more`] : texts;
  return `${listed(named)}. All else is the same.`;
}

/** Returns the settings that differ, each with both values in words. */
export function differingSettings(
  a: Config,
  b: Config,
): { name: string; from: string; to: string }[] {
  return (
    differingPaths(a, b)
      .map((path) => ({ name: nameOf(path), from: wordAt(a, path), to: wordAt(b, path) }))
      // What one of them leaves to the default may be the same.
      .filter(({ from, to }) => from !== to)
  );
}

const wordAt = (config: Config, path: string): string => wordOf(path, effectiveAt(config, path));

/** Returns the paths of the settings that differ. */
function differingPaths(a: Config, b: Config): string[] {
  const [one, other] = [leavesOf(a), leavesOf(b)];
  return [...new Set([...one.keys(), ...other.keys()])].filter(
    (path) => !IRRELEVANT.test(path) && one.get(path) !== other.get(path),
  );
}

/** The share of the records that may stay behind before it is said, and how many may always. */
const [UNSETTLED, FEW] = [0.05, 3];

/**
 * Says that the queues of a run haven't settled in the part that is compared; empty if they have. One that still fills
 * takes in more than it passes on, and one that drains passes on more.
 */
export function unsettledText(a: RunFigures, b: RunFigures): string {
  for (const [name, { growth, records }] of [
    ['A', a],
    ['B', b],
  ] as const) {
    if (Math.abs(growth) < Math.max(FEW, records * UNSETTLED)) continue;
    const [what, than] = growth > 0 ? ['more', 'fill'] : ['fewer', 'drain'];
    return `At the end of this part of ${name} there are ${count(Math.abs(growth))} ${what} records in flight than at its beginning: its queues still ${than}.`;
  }
  return '';
}

/** Says the figures that count most in a sentence, where there is no space for the table. */
export function briefOf(differences: readonly Difference[]): string {
  const [first, second] = differences;
  const texts = [first, second].flatMap((row) =>
    row ? [`${row.name} ${row.a} → ${row.b} (${row.change})`] : [],
  );
  return sentence(texts.join(', '));
}
