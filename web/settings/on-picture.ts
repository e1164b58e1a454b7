// The controls of the picture over the settings of the page. What they say is about the settings: live ones act at once,
// the others at the next run.

import { settingOfId } from '../analysis/capacity';
import { meanOf } from '../analysis/service';
import { STAGE_WORKERS } from './pool-settings';
import type {
  CountControl,
  FaultControl,
  FaultsControl,
  PictureControls,
  RateControl,
  TimeControl,
  TimeRange,
} from '../picture/controls';
import { count } from '../format';
import { SERVICE_TIME, INJECTION } from './constraints';
import { isLive } from './live';
import { CHANNEL_NAMES, SERVED_STAGES } from './parts';
import type { ServedStage } from './parts';
import { pipelineSize } from './pipeline-size';
import { settingAt } from './registry';
import type { Settings } from './settings';
import { STANDARD } from '../recording/topology';

const MILLISECONDS: Readonly<Record<string, number>> = {
  ...{ ns: 1e-6, us: 1e-3, µs: 1e-3, μs: 1e-3, ms: 1, s: 1000 },
};

/** Parses a service time in the notation of the configuration; null if there is none, or if it isn't valid. */
export function timesIn(text: string): TimeRange | null {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed === 'off' || !SERVICE_TIME.accepts(trimmed)) return null;
  // Of other kinds, the mean is shown.
  if (/^exponential | or |,/.test(trimmed)) {
    const mean = meanOf(trimmed) / 1e6;
    return { from: mean, to: mean };
  }
  const parts = trimmed.split('-').map((part) => /^([\d.]*)\s*(.*)$/s.exec(part.trim()) ?? []);
  const [, last = '', unit = ''] = parts.at(-1) ?? [];
  const [, first = last, own = ''] = parts[0] ?? [];
  const scale = (name: string) => MILLISECONDS[name.trim()] ?? 1;
  return {
    from: Number(first) * scale(own.trim() || unit),
    to: Number(last) * scale(unit),
  };
}

/** Drops digits that are only rounding errors. */
const plain = (value: number): string => String(Number(value.toPrecision(4)));

export function textOfTimes(range: TimeRange | null): string {
  if (!range || range.to <= 0) return 'off';
  const { from, to } = range;
  return from === to ? `${plain(to)}ms` : `${plain(Math.min(from, to))}-${plain(to)}ms`;
}

/** Says a range of times, such as `300–900 ms`. */
export function spoken({ from, to }: TimeRange): string {
  const [unit, scale] = to >= 1000 ? ['s', 1000] : to < 1 ? ['µs', 1e-3] : ['ms', 1];
  const [least, most] = [plain(from / scale), plain(to / scale)];
  return least === most ? `${most}\u00a0${unit}` : `${least}–${most}\u00a0${unit}`;
}

function timeTexts(waits: TimeRange | null, computes: TimeRange | null): string[] {
  if (waits && computes) {
    return [
      `takes ${spoken(waits)}, computes ${spoken(computes)}`,
      `takes ${spoken(waits)} + ${spoken(computes)}`,
      `${spoken(waits)} + ${spoken(computes)}`,
    ];
  }
  if (computes) return [`computes ${spoken(computes)}`, spoken(computes)];
  if (waits) return [`takes ${spoken(waits)}`, spoken(waits)];
  return ['takes no time', 'no time'];
}

/** One record in how many fails, by a setting of the generator; null if the setting isn't valid. */
export function everyIn(text: string): number | null {
  const injection = text.trim();
  if (!INJECTION.accepts(injection)) return null;
  const every = /^every \s*\+?(\d+)$/.exec(injection)?.[1];
  if (every !== undefined) return Number(every);
  const percent = /^([^%]+)%$/.exec(injection)?.[1];
  if (percent === undefined || Number(percent) <= 0) return 0;
  return Math.max(1, Math.round(100 / Number(percent)));
}

const perSecond = (rate: number): string =>
  rate >= 100 ? count(rate) : String(Number(rate.toFixed(1)));

/**
 * @param settings the settings, which the controls change
 * @param isRunning whether there is a run that live settings act on
 * @param initial what double clicks go back to
 */
export function settingsControls(
  settings: Settings,
  isRunning: () => boolean,
  initial: Settings,
): PictureControls {
  const when = (path: string) =>
    isRunning() && isLive(path) ? 'acts at once' : 'acts at the next run';
  const nameOf = (id: string, isPlural = false) => {
    const node = STANDARD.stages.find((stage) => stage.id === id)?.node ?? -1;
    return isPlural ? STANDARD.workersName(node) : STANDARD.nameOf(node);
  };
  const servedStage = (id: string): ServedStage | undefined =>
    SERVED_STAGES.find((stage) => stage === id);

  function workers(id: string): CountControl | null {
    const pool = STAGE_WORKERS[id];
    if (!pool) return null;
    const { path, key } = pool;
    const index = STANDARD.stages.findIndex((stage) => stage.id === id);
    const { min = 1, max = 65535 } = settingAt(path) ?? {};
    return {
      path,
      label: nameOf(id, true),
      value: pipelineSize(settings).workers[index] ?? 1,
      least: min,
      most: max,
      when: when(path),
      set: (value) => (settings[key] = value),
      reset: () => (settings[key] = initial[key]),
    };
  }

  function capacity(id: string): CountControl | null {
    const channel = settingOfId(id);
    if (!channel) return null;
    const path = `channels.${channel}`;
    const index = STANDARD.channels.findIndex((one) => one.id === CHANNEL_NAMES[channel]);
    const { min = 1, max = 16777216 } = settingAt('channels.capacity') ?? {};
    return {
      path,
      label: `${id}, capacity`,
      value: pipelineSize(settings).capacities[index] ?? 1,
      least: min,
      most: max,
      when: when(path),
      set: (value) => (settings.buffers[channel] = value),
      reset: () => (settings.buffers[channel] = initial.buffers[channel]),
    };
  }

  function time(id: string): TimeControl | null {
    const stage = servedStage(id);
    if (!stage) return null;
    const own = settings.service[stage];
    const waits = timesIn(own.wait);
    const computes = timesIn(own.compute);
    return {
      paths: { waits: `service.${stage}.wait`, computes: `service.${stage}.compute` },
      label: `${nameOf(id)}, service time`,
      texts: timeTexts(waits, computes),
      ...{ waits, computes },
      when: when(`service.${stage}.wait`),
      set: (kind, range) => (own[kind === 'waits' ? 'wait' : 'compute'] = textOfTimes(range)),
      reset: () => Object.assign(own, initial.service[stage]),
    };
  }

  function rate(id: string): RateControl | null {
    if (!STANDARD.stages.some(({ id: one, node }) => one === id && STANDARD.isSource(node))) {
      return null;
    }
    const limit = settings.rate ?? 0;
    const own = time(id);
    const range = own?.waits ?? own?.computes ?? null;
    const texts =
      limit > 0
        ? [`${perSecond(limit)} a second`, `${perSecond(limit)}/s`]
        : range
          ? [`one in ${spoken(range)}`, spoken(range)]
          : ['as fast as it can', 'at full speed', 'full speed'];
    return {
      path: 'generator.rate_limit',
      label: `${nameOf(id)}, rate`,
      texts,
      value: limit,
      time: own,
      when: when('generator.rate_limit'),
      set: (value) => (settings.rate = Math.max(0, Number(value.toPrecision(4)))),
      reset: () => {
        settings.rate = initial.rate;
        own?.reset();
      },
    };
  }

  function fault(label: string, key: 'invalidValue' | 'invalidUnit'): FaultControl {
    return {
      label,
      every: everyIn(settings[key]) ?? 0,
      set: (every) => (settings[key] = every > 0 ? `every ${every}` : 'off'),
    };
  }

  function faults(): FaultsControl | null {
    // Records of a file are what they are.
    if (settings.source !== 'generator') return null;
    const [value, unit] = [
      fault('invalid values, which Validators reject', 'invalidValue'),
      fault('unknown units, which fail in Transformers', 'invalidUnit'),
    ];
    const { every } = value;
    return {
      label: 'What fails',
      texts: every > 0 ? [`1 in ${count(every)} fails`, `1 in ${count(every)}`] : ['none fails'],
      when: when('generator.invalid_value'),
      faults: [value, unit],
      reset: () => {
        settings.invalidValue = initial.invalidValue;
        settings.invalidUnit = initial.invalidUnit;
      },
    };
  }

  return { workers, capacity, time, rate, faults };
}
