// Runs worth watching. Each shows one thing.

import { computing, openingRun, referenceRun, waiting } from './settings';
import type { Settings } from './settings';

export interface Preset {
  id: string;
  title: string;
  /** What to watch during the run, in a sentence. */
  watch: string;
  settings: Settings;
}

export interface PresetGroup {
  title: string;
  presets: Preset[];
}

/** Like the reference run, but long enough to watch. */
function run(changes: Partial<Settings>): Settings {
  return { ...referenceRun(), buffer: 10, records: 200, ...changes };
}

/** Three single workers, equally fast on average, that are never in step. */
function uneven(buffer: number): Settings {
  return run({
    records: 400,
    workers: 1,
    buffer,
    service: waiting({ producer: '0-100ms', validator: '0-100ms', transformer: '0-100ms' }),
  });
}

/** As fast as possible, but record by record or in small batches. */
function batched(batch: string): Settings {
  return run({ records: 500_000, buffer: 100, batch });
}

export const PRESET_GROUPS: readonly PresetGroup[] = [
  {
    title: 'To begin with',
    presets: [
      {
        id: 'opening',
        title: 'Opening run',
        watch:
          'Follow a record from the Producer to its file. The Transformers are the slowest: validCh fills before them.',
        settings: openingRun(),
      },
      {
        id: 'reference',
        title: 'The reference run',
        watch:
          'It is over in an instant, and the replay shows how: 41 of the 50 records are processed and 9 fail, each with its reason.',
        settings: referenceRun(),
      },
    ],
  },
  {
    title: 'Backpressure',
    presets: [
      {
        id: 'few-validators',
        title: 'Too few Validators',
        watch:
          'dataCh is full and validCh empty: one Validator holds up everything behind it and before it. Give it company.',
        settings: run({
          validators: 1,
          service: waiting({ producer: '100-200ms', validator: '200-400ms', transformer: '50ms' }),
        }),
      },
      {
        id: 'slow-consumer',
        title: 'One slow consumer stalls all',
        watch:
          'loaderCh is full, and the fan-out must wait for it; so the Error Handler and the Metrics Collector wait for records, and everything before backs up.',
        settings: run({ service: waiting({ producer: '20ms', loader: '400-600ms' }) }),
      },
      {
        id: 'burst',
        title: 'A burst',
        watch:
          '40 records arrive at once, every 8 seconds: dataCh takes them in, and is emptied bit by bit before the next 40 come.',
        settings: run({
          records: 160,
          rate: 5,
          burst: 40,
          buffer: 50,
          service: waiting({ validator: '300-600ms', transformer: '20-60ms' }),
        }),
      },
    ],
  },
  {
    title: 'Buffers',
    presets: [
      {
        id: 'buffer-1',
        title: 'Buffer of 1',
        watch:
          'All stages are equally fast on average, but a stage that is quick for once has to wait for its neighbour. Remember the rate.',
        settings: uneven(1),
      },
      {
        id: 'buffer-100',
        title: 'Buffer of 100, for comparison',
        watch:
          'The same with room in the channels: they even out the differences, and the rate is higher than with a buffer of 1.',
        settings: uneven(100),
      },
    ],
  },
  {
    title: 'Workers and cores',
    presets: [
      {
        id: 'waiting-bound',
        title: 'Waiting, on many workers',
        watch:
          '32 workers wait at the same time on very few threads: about 100 records a second. Halve the workers, and the rate is halved.',
        settings: run({
          records: 1500,
          workers: 32,
          buffer: 40,
          service: waiting({ validator: '200-400ms', transformer: '200-400ms' }),
        }),
      },
      {
        id: 'compute-bound',
        title: 'Computing, on more workers than cores',
        watch:
          '8 workers compute on 2 threads at most, so no more than 2 of them get on at a time. More workers would not help.',
        settings: run({
          records: 400,
          workers: 8,
          threads: 2,
          service: computing({ transformer: '20-40ms' }),
        }),
      },
      {
        id: 'virtual-cores',
        title: 'Virtual clock with 8 cores',
        watch:
          'The same work on 8 simulated cores: all 8 workers get on, and do 4 times as much in a (virtual) second as on 2 threads.',
        settings: run({
          records: 400,
          workers: 8,
          runtime: 'virtual',
          cores: 8,
          service: computing({ transformer: '20-40ms' }),
        }),
      },
    ],
  },
  {
    title: 'As fast as it goes',
    presets: [
      {
        id: 'batch-1',
        title: 'Batches of 1',
        watch: 'Every record travels alone, as in the textbook. Remember the rate.',
        settings: batched('1'),
      },
      {
        id: 'batch-16',
        title: 'Batches of 16, for comparison',
        watch: '16 records travel together: the same files, and a much higher rate.',
        settings: batched('16'),
      },
      {
        id: 'full-speed',
        title: 'Full speed',
        watch: 'Two million records in batches that grow by themselves.',
        settings: run({ records: 2_000_000, buffer: null, batch: 'auto' }),
      },
    ],
  },
];

export const PRESETS: readonly Preset[] = PRESET_GROUPS.flatMap(({ presets }) => presets);
