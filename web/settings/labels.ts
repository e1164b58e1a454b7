// The labels of the settings.

import { CHANNELS, CHANNEL_NAMES, SERVED_STAGES, STAGE_NAMES } from './parts';

/** By path in the configuration, in the order of the page. */
export const LABELS: Readonly<Record<string, string>> = {
  records: 'Records',
  seed: 'Seed',
  'generator.rate_limit': 'Rate',
  'generator.burst': 'Burst',
  'generator.invalid_value': 'Invalid values',
  'generator.invalid_unit': 'Invalid units',
  'transformer.threshold': 'Anomalies',
  'input.file': 'File',
  'input.format': 'Format',
  'input.encoding': 'Encoding',
  'input.delimiter': 'Delimiter',
  'input.map': 'Mapping',
  'input.fields': 'Fields of the table',
  workers: 'Workers',
  'channels.capacity': 'Buffer',
  batch: 'Batch',
  'runtime.kind': 'Runs on',
  'runtime.threads': 'Threads',
  'runtime.cores': 'Simulated cores',
  ...Object.fromEntries(
    SERVED_STAGES.flatMap((stage) => [
      [`service.${stage}.wait`, `${STAGE_NAMES[stage]}, waiting`],
      [`service.${stage}.compute`, `${STAGE_NAMES[stage]}, computing`],
    ]),
  ),
  'validator.workers': 'Validators',
  'transformer.workers': 'Transformers',
  ...Object.fromEntries(CHANNELS.map((channel) => [`channels.${channel}`, CHANNEL_NAMES[channel]])),
  clock: 'Clock',
  ordered: 'Files in the order of production',
};

const ORDER = Object.keys(LABELS);

/** Returns the position of a setting on the page. */
export function positionOf(path: string): number {
  const position = ORDER.indexOf(path);
  return position < 0 ? ORDER.length : position;
}
