// The valid values of settings, as far as the page can tell before the engine has started. The engine has the last
// word: tests/browser/links.spec.ts compares both.

import { MAX_THREADS } from '../engine/engine-kind';
import { parseMapping } from './mapping';
import { settingAt } from './registry';

/** Returns the range of a whole number. */
function rangeOf(path: string): readonly [number, number] {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = settingAt(path) ?? {};
  return [min, path === 'runtime.threads' ? MAX_THREADS : max];
}

/** A constraint on a setting: in words, to follow “must be”, and as a predicate. */
export interface Constraint<T> {
  description: string;
  accepts: (value: T) => boolean;
}

export function numberConstraint(path: string): Constraint<number> {
  if (path === 'generator.rate_limit') {
    return {
      description: 'a number of records per second, or 0 for no limit',
      accepts: (value) => Number.isFinite(value) && value >= 0,
    };
  }
  if (path === 'transformer.threshold') {
    return {
      description: 'a percentage from 0 to 100',
      accepts: (value) => value >= 0 && value <= 100,
    };
  }
  const [least, most] = rangeOf(path);
  return {
    description: wholeNumberText(path),
    accepts: (value) => Number.isSafeInteger(value) && value >= least && value <= most,
  };
}

/** Returns text such as `a whole number from 1 to 64`. */
export function wholeNumberText(path: string): string {
  const [least, most] = rangeOf(path);
  return most === Number.MAX_SAFE_INTEGER
    ? `a whole number, ${least} or more`
    : `a whole number from ${least} to ${most.toLocaleString('en')}`;
}

/** One of the choices of a setting. */
export const choiceOf = (path: string): Constraint<string> => oneOf(settingAt(path)?.choices ?? []);

export function oneOf(known: readonly string[]): Constraint<string> {
  return { description: `one of ${known.join(', ')}`, accepts: (text) => known.includes(text) };
}

// The engine parses these values (crates/core/src/config/values.rs). Surrounding whitespace is ignored, and an empty
// value means the default.

export const BATCH: Constraint<string> = {
  description: `${wholeNumberText('batch')}, or auto`,
  accepts: (text) => {
    const batch = text.trim();
    if (batch === '' || batch === 'auto') return true;
    return /^\+?\d{1,20}(?:e\d)?$/.test(batch) && numberConstraint('batch').accepts(Number(batch));
  },
};

export const INJECTION: Constraint<string> = {
  description: 'off, such as every 10, or a share such as 5%',
  accepts: (text) => {
    const injection = text.trim();
    if (injection === '' || injection === 'off') return true;
    const every = /^every \s*\+?(\d{1,30})$/.exec(injection)?.[1];
    if (every !== undefined) return BigInt(every) > 0n && BigInt(every) < 2n ** 64n;
    const percent = /^([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*%$/.exec(injection)?.[1];
    return percent !== undefined && Number(percent) >= 0 && Number(percent) <= 100;
  },
};

const UNITS: Readonly<Record<string, number>> = {
  ...{ ns: 1e-9, us: 1e-6, µs: 1e-6, μs: 1e-6, ms: 1e-3, s: 1 },
};

/** An hour. */
const MAX_SECONDS = 3600;

/** The most times in a list. */
const MAX_LIST = 1000;

const isOneTime = (text: string): boolean => {
  const time = timeOf(text, null);
  return time !== null && time.seconds <= MAX_SECONDS;
};

/** Splits a list of times at its commas: those after a unit, or before a space. Others separate thousands. */
export const listOf = (text: string): string[] => text.split(/(?<=\p{L}),|,(?=\s)/u);

export const SERVICE_TIME: Constraint<string> = {
  description:
    'off, a time such as 5ms, a range such as 0-20ms, exponential 20ms, 5ms or 200ms 5%, or a list such as 5ms, 10ms; ' +
    'an hour at most',
  accepts: (text) => {
    const time = text.trim();
    if (time === '' || time === 'off') return true;
    if (time.startsWith('exponential ')) return isOneTime(time.slice('exponential '.length));
    const [, usual, other, share] = /^(.+?) or (.+) ([^ ]*)%$/s.exec(time) ?? [];
    if (usual !== undefined && other !== undefined) {
      const isShare = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(share ?? '');
      return (
        isShare &&
        Number(share) >= 0 &&
        Number(share) <= 100 &&
        isOneTime(usual) &&
        isOneTime(other)
      );
    }
    const items = listOf(time);
    if (items.length > 1) return items.length <= MAX_LIST && items.every(isOneTime);
    const at = time.indexOf('-');
    const most = timeOf(at < 0 ? time : time.slice(at + 1), null);
    const least = at < 0 || most === null ? most : timeOf(time.slice(0, at), most.unit);
    if (most === null || least === null || most.seconds > MAX_SECONDS) return false;
    return least.seconds <= most.seconds;
  },
};

/** Parses a number with a unit. Without one, `unit` is used; 0 needs none. */
function timeOf(text: string, unit: string | null): { seconds: number; unit: string } | null {
  const [, digits = '', name = ''] = /^([\d.]*)\s*(.*)$/s.exec(text.trim()) ?? [];
  if (!/^(\d+\.?\d*|\.\d+)$/.test(digits)) return null;
  const number = Number(digits);
  const own = name.trim() === '' ? (unit ?? (number === 0 ? 's' : '')) : name.trim();
  const scale = Object.hasOwn(UNITS, own) ? UNITS[own] : undefined;
  return scale === undefined ? null : { seconds: number * scale, unit: own };
}

export const TIME: Constraint<string> = {
  description: 'an RFC 3339 time such as 2026-01-31T23:59:59Z',
  accepts: (text) => {
    const shape = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(\.\d{1,9})?([Zz]|[-+]\d\d:\d\d)$/;
    const [, date = '', time = '', , zone = ''] = shape.exec(text.trim()) ?? [];
    const day = new Date(`${date}T00:00:00Z`);
    // JavaScript turns February 30 into a date in March.
    if (Number.isNaN(day.getTime()) || !day.toISOString().startsWith(date)) return false;
    return !Number.isNaN(Date.parse(`${date}T${time}${zone.toUpperCase()}`));
  },
};

export const DELIMITER: Constraint<string> = {
  description: 'one ASCII character that is neither a quote nor a line break',
  accepts: (text) => text === '' || /^[^"\r\n\u0080-\uffff]$/.test(text),
};

export const MAPPING: Constraint<string> = {
  description: "lines such as value=temp_max or unit='°C', one for each field",
  accepts: (text) => parseMapping(text).problems.length === 0,
};
