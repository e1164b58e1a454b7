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

/** As fast as possible, but one record at a time or in small batches. */
function batched(batch: string): Settings {
  return run({ records: 500_000, buffer: 100, batch });
}

export const PRESET_GROUPS: readonly PresetGroup[] = [
  {
    title: 'First steps',
    presets: [
      {
        id: 'opening',
        title: 'Opening run',
        watch:
          'Follow a record from the Producer to its file. The Transformers are the slowest stage, so validCh fills up in front of them.',
        settings: openingRun(),
      },
      {
        id: 'reference',
        title: 'The reference run',
        watch:
          'It is over in an instant, so watch the replay: 41 of the 50 records are processed and 9 fail, each with its reason.',
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
          'dataCh is full and validCh is empty: the only Validator holds up the stages before and after it. Add another one.',
        settings: run({
          validators: 1,
          service: waiting({ producer: '100-200ms', validator: '200-400ms', transformer: '50ms' }),
        }),
      },
      {
        id: 'slow-consumer',
        title: 'One slow consumer stalls everything',
        watch:
          'loaderCh is full, and the fan-out has to wait for it. So the Error Handler and the Metrics Collector get no records, and the stages before the fan-out back up.',
        settings: run({ service: waiting({ producer: '20ms', loader: '400-600ms' }) }),
      },
      {
        id: 'burst',
        title: 'A burst',
        watch:
          'Every 8 seconds, 40 records arrive at once. dataCh takes them all and drains gradually before the next 40 arrive.',
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
          'All stages are equally fast on average, but whenever one is faster than its neighbour, it has to wait. Remember the rate.',
        settings: uneven(1),
      },
      {
        id: 'buffer-100',
        title: 'Buffer of 100, for comparison',
        watch:
          'The same stages with room in the channels, which evens out the differences: the rate is higher than with a buffer of 1.',
        settings: uneven(100),
      },
    ],
  },
  {
    title: 'Workers and cores',
    presets: [
      {
        id: 'waiting-bound',
        title: 'Waiting, with many workers',
        watch:
          '32 workers wait at the same time on very few threads: about 100 records per second. Halve the number of workers, and the rate halves as well.',
        settings: run({
          records: 1500,
          workers: 32,
          buffer: 40,
          service: waiting({ validator: '200-400ms', transformer: '200-400ms' }),
        }),
      },
      {
        id: 'compute-bound',
        title: 'Computing, with more workers than cores',
        watch:
          '8 workers compute on at most 2 threads, so no more than 2 of them make progress at a time. More workers would not help.',
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
          'The same work on 8 simulated cores: all 8 workers make progress, and do 4 times as much per (virtual) second as on 2 threads.',
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
    title: 'As fast as possible',
    presets: [
      {
        id: 'batch-1',
        title: 'Batches of 1',
        watch: 'Every record travels by itself, as in a textbook. Remember the rate.',
        settings: batched('1'),
      },
      {
        id: 'batch-16',
        title: 'Batches of 16, for comparison',
        watch: '16 records travel together: the files are the same, and the rate is much higher.',
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
