// What configured service times say about a stage.

import type { Config } from '../engine/generated/Config';
import { SERVED_STAGES } from '../engine/generated/topology';

const UNITS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 6e10,
};

/**
 * Returns the mean of a service time in nanoseconds: of `5ms`, `0-20ms`, `exponential 20ms`, `5ms or 200ms 5%` or
 * `5ms, 10ms`. 0 if it is off.
 */
export function meanOf(time: string): number {
  const [, usual, other, percent] = /^(.+) or (.+) (\S+)%$/.exec(time) ?? [];
  if (usual !== undefined && other !== undefined) {
    const share = Number(percent) / 100;
    return (1 - share) * meanOf(usual) + share * meanOf(other);
  }
  // The mean of a range is that of its ends, and a list has equal shares.
  const parts = [...time.matchAll(/([\d.]+)\s*([a-zµ]*)/g)];
  // In a range, the first time may omit the unit.
  const last = parts.at(-1)?.[2];
  const values = parts.map(
    ([, value, unit]) => Number(value) * (UNITS[unit || last || 'ms'] ?? NaN),
  );
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Number.isFinite(mean) ? mean : 0;
}

/** Returns the configured service time of a stage, by its id; undefined if it can have none. */
export function serviceOf({ service }: Pick<Config, 'service'>, stage: string) {
  const served = SERVED_STAGES.find((other) => other === stage);
  return served && service[served];
}

function timesOf(config: Pick<Config, 'service'>, stage: string) {
  const service = serviceOf(config, stage);
  return { wait: meanOf(service?.wait ?? 'off'), compute: meanOf(service?.compute ?? 'off') };
}

/** Whether a stage, or any stage, has a service time. */
export function hasService(config: Pick<Config, 'service' | 'locks'>, stage?: string): boolean {
  const stages = stage ? [stage] : Object.keys(config.service);
  const { validator, transformer } = config.locks;
  const locks: Readonly<Record<string, string>> = { validator, transformer };
  return stages.some((other) => {
    const { wait, compute } = timesOf(config, other);
    return wait > 0 || compute > 0 || meanOf(locks[other] ?? 'off') > 0;
  });
}

/** Returns the share of a stage's busy time that occupies a thread. Without a service time, all of it is real work. */
export function computeShare(config: Config, stage: string): number {
  const { wait, compute } = timesOf(config, stage);
  return wait + compute > 0 ? compute / (wait + compute) : 1;
}

/** Whether tries of records can fail, so that they are tried again. */
export function hasTries({ faults, retry }: Pick<Config, 'faults' | 'retry'>): boolean {
  return faults.transient !== 'off' || retry.timeout !== 'off';
}
