// What the page lets its user set, and the configuration that this makes.

import { MOST_THREADS } from '../engine/choose';
import type { RuntimeKind } from '../engine/generated/RuntimeKind';
import type { Problem } from '../engine/problems';
import type { PartialConfig } from '../engine/protocol';
import { formatOf } from './file';
import { parseMapping } from './mapping';

export interface ServiceTimes {
  wait: string;
  compute: string;
}

export const SERVED_STAGES = ['validator', 'transformer', 'loader'] as const;

/** As the controls have it. A number that is null has its default. */
export interface Settings {
  source: 'generator' | 'file';
  records: number | null;
  seed: number | null;
  invalidValue: string;
  invalidUnit: string;
  /** For tables: one `field=column` or `field='constant'` a line. */
  mapping: string;
  workers: number | null;
  threads: number | null;
  buffer: number | null;
  batch: string;
  runtime: RuntimeKind;
  cores: number | null;
  ordered: boolean;
  clock: 'system' | 'fixed';
  fixedTime: string;
  service: Record<(typeof SERVED_STAGES)[number], ServiceTimes>;
}

/** The reference run, record by record. */
export function referenceRun(): Settings {
  const off = () => ({ wait: 'off', compute: 'off' });
  return {
    source: 'generator',
    records: 50,
    seed: 1,
    invalidValue: 'every 10',
    invalidUnit: 'every 11',
    mapping: '',
    workers: 3,
    threads: null,
    buffer: 100,
    batch: '1',
    runtime: 'pool',
    cores: 4,
    ordered: true,
    clock: 'system',
    fixedTime: '2026-01-01T00:00:00Z',
    service: { validator: off(), transformer: off(), loader: off() },
  };
}

/** What a setting is called on the page, by its path in the configuration; in the order of the page. */
export const LABELS: Readonly<Record<string, string>> = {
  records: 'Records',
  seed: 'Seed',
  'generator.invalid_value': 'Invalid values',
  'generator.invalid_unit': 'Invalid units',
  'input.file': 'File',
  'input.map': 'Mapping',
  workers: 'Workers',
  'runtime.threads': 'Threads',
  'channels.capacity': 'Buffer',
  batch: 'Batch',
  'runtime.cores': 'Simulated cores',
  clock: 'Clock',
  'service.validator.wait': 'Validator, waiting',
  'service.validator.compute': 'Validator, computing',
  'service.transformer.wait': 'Transformer, waiting',
  'service.transformer.compute': 'Transformer, computing',
  'service.loader.wait': 'Loader, waiting',
  'service.loader.compute': 'Loader, computing',
};

/** Where the setting stands among the others on the page. */
export function positionOf(path: string): number {
  const position = Object.keys(LABELS).indexOf(path);
  return position < 0 ? Object.keys(LABELS).length : position;
}

/**
 * The configuration, and what the engine could not tell as well because it is about the controls.
 *
 * @param file the name of the user's file, if there is one
 */
export function toConfig(
  settings: Settings,
  file: string | null,
): { config: PartialConfig; problems: Problem[] } {
  const problems: Problem[] = [];
  /** What is empty is left to its default. The engine's words for a number that is no whole one are no user's. */
  const whole = (path: string, value: number | null): number | undefined => {
    if (value === null || (Number.isSafeInteger(value) && value >= 0)) return value ?? undefined;
    problems.push({ path, text: `is ${value}; it must be a whole number, 0 or more` });
    return undefined;
  };
  const text = (value: string): string | undefined => value.trim() || undefined;

  const config: PartialConfig = {
    workers: whole('workers', settings.workers),
    batch: text(settings.batch),
    channels: { capacity: whole('channels.capacity', settings.buffer) },
    ordered: settings.ordered,
    clock: settings.clock === 'fixed' ? `fixed:${settings.fixedTime.trim()}` : 'system',
    service: {},
    runtime: { kind: settings.runtime },
  };

  for (const stage of SERVED_STAGES) {
    const { wait, compute } = settings.service[stage];
    config.service = {
      ...config.service,
      [stage]: { wait: text(wait), compute: text(compute) },
    };
  }

  if (settings.runtime === 'virtual') {
    config.runtime = { kind: 'virtual', cores: whole('runtime.cores', settings.cores) };
  } else if (settings.runtime === 'pool') {
    const threads = whole('runtime.threads', settings.threads);
    config.runtime = { kind: 'pool', threads };
    if (threads !== undefined && threads > MOST_THREADS) {
      const text = `is ${threads}; a page can have up to ${MOST_THREADS} threads`;
      problems.push({ path: 'runtime.threads', text });
    }
  }

  if (settings.source === 'generator') {
    config.records = whole('records', settings.records);
    config.seed = whole('seed', settings.seed);
    config.generator = {
      invalid_value: text(settings.invalidValue),
      invalid_unit: text(settings.invalidUnit),
    };
  } else if (file === null) {
    problems.push({ path: 'input.file', text: 'is missing: choose one, or drop one anywhere' });
  } else {
    const format = formatOf(file);
    config.input = { format };
    if (format !== 'jsonl') {
      const mapping = parseMapping(settings.mapping);
      config.input.map = mapping.map;
      problems.push(...mapping.problems.map((text) => ({ path: 'input.map', text })));
    }
  }
  return { config, problems };
}
