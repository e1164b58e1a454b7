// What a point of a curve says.

import { duration } from '../analysis/format-time';
import { perSecond, signedPercent } from '../format';
import type { Figures, Point } from './sweep.svelte';
import type { Series } from './plot';

/** Both figures that are drawn. */
export const SERIES: readonly Series[] = [
  { title: 'records/s', of: ({ rate }) => rate, textOf: shortRate },
  {
    title: 'p99 latency',
    of: ({ p99 }) => p99,
    textOf: (seconds) => (seconds >= 1 ? `${plain(seconds)}\u00a0s` : shortTime(seconds)),
  },
];

const plain = (value: number): string => String(Number(value.toPrecision(3)));

function shortTime(seconds: number): string {
  return seconds >= 1e-3 ? `${plain(seconds * 1e3)}\u00a0ms` : `${plain(seconds * 1e6)}\u00a0µs`;
}

function shortRate(rate: number): string {
  if (rate >= 1e6) return `${plain(rate / 1e6)}M`;
  return rate >= 1e4 ? `${plain(rate / 1e3)}k` : plain(rate);
}

/** Names a point: `6 Transformers: 182 records/s, p99 41.0 ms`. */
export function textOfPoint({ words, figures }: Point): string {
  return figures ? `${words}: ${textOfFigures(figures)}` : `${words}: not simulated yet`;
}

export function textOfFigures({ rate, p99 }: Figures): string {
  const latency = p99 === null ? 'none processed' : `p99\u00a0${duration(p99 * 1e9)}`;
  return `${perSecond(rate)}\u00a0records/s, ${latency}`;
}

/** Compares with what is now: `+20 % records/s, −35 % p99`. */
export function textOfChange(point: Point, own: Point | undefined): string {
  if (point.isOwn) return 'as it is set now';
  if (!point.figures || !own?.figures) return '';
  const [now, then] = [own.figures, point.figures];
  const changes = [changeOf('records/s', now.rate, then.rate), changeOf('p99', now.p99, then.p99)];
  return changes.filter((text) => text !== '').join(', ');
}

function changeOf(name: string, before: number | null, after: number | null): string {
  if (before === null || after === null || before <= 0) return '';
  const share = after / before - 1;
  return Math.abs(share) < 0.005 ? `the same ${name}` : `${signedPercent(share)} ${name}`;
}
