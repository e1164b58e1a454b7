// Comparing two runs: how the second one is had, and whether two are on screen.

import { LogNotOpened } from '../log-file/not-opened';
import { openLog } from '../log-file/open';
import type { Change } from '../analysis/bottleneck';
import { RunFailed } from '../engine/client';
import { counted, listed } from '../format';
import type { Recording } from '../recording/recording';
import type { Topology } from '../recording/topology';
import type { Session } from '../session.svelte';
import { applyChange } from '../settings/apply';
import { effectiveText } from '../settings/effective';
import { fromConfig } from '../settings/from-config';
import { LABELS } from '../settings/labels';
import { differingSettings } from '../settings/link';
import type { Settings } from '../settings/settings';
import { simulatedRun, takesTime } from '../sweep/simulated';
import type { SimulatedRun } from '../sweep/simulated';
import { visible } from '../visible';
import { Comparison } from './comparison.svelte';
import type { Comparing } from './comparison.svelte';
import { simulateRecording } from './simulate';

/** Simulated runs that are compared have at most so many records. */
const MAX_RECORDS = 1000;

const NOTHING_TAKES_TIME =
  'On the virtual clock only service times take time, and no stage has one: there is nothing to compare.';

/** What the runs are, each to follow its letter. */
export interface Titles {
  a: string;
  b: string;
}

export class Compare {
  /** The two runs on screen; null if there is one, or none. */
  current = $state.raw<Comparison | null>(null);
  /** Whether the user is being asked what to compare. */
  isAsking = $state(false);
  /** Whether the runs are being made or read. */
  isBusy = $state(false);
  /** Why the last comparison didn't come about; empty if it did. */
  failure = $state('');
  readonly #session: Session;
  /** Ends the work on the last comparison that was asked for. */
  #work = new AbortController();

  constructor(session: Session) {
    this.#session = session;
  }

  ask(): void {
    this.failure = '';
    this.isAsking = true;
  }

  /** Shows one run again. */
  leave(): void {
    this.#work.abort();
    this.current?.end();
    this.current = null;
  }

  /** Shows two runs that are there. */
  show(comparing: Comparing): void {
    this.leave();
    this.current = new Comparison(comparing);
  }

  /** Returns the run that would be simulated for settings, or why there is none. */
  simulated(settings: Settings): SimulatedRun | string {
    const session = this.#session;
    const machine = { engine: session.info, processors: navigator.hardwareConcurrency };
    const run = simulatedRun(settings, machine, MAX_RECORDS);
    if (typeof run === 'string') return run;
    if (session.isRunning) return 'A run has the engine. Compare when it has ended.';
    if (session.measuring) return 'The engine is busy. Compare when that has ended.';
    return run;
  }

  /** Compares settings with the same ones but for some changes; both are simulated. */
  withChanges(settings: Settings, changes: readonly Change[], titles: Titles): Promise<void> {
    const changed = structuredClone(settings);
    for (const { path, value } of changes) {
      if (!applyChange(changed, path, value)) {
        this.failure = `The page has no control for ${path}.`;
        return Promise.resolve();
      }
    }
    return this.withSettings(settings, changed, titles);
  }

  /** Compares two settings; both are simulated. */
  withSettings(a: Settings, b: Settings, titles: Titles): Promise<void> {
    return this.#begin(async (signal) => {
      // How many threads it has is known only then.
      await this.#session.engine.start();
      const runs = [this.simulated(a), this.simulated(b)] as const;
      const [one, other] = runs;
      if (typeof one === 'string') return one;
      if (typeof other === 'string') return other;
      if (!takesTime(one.config) || !takesTime(other.config)) return NOTHING_TAKES_TIME;
      const recordings: Recording[] = [];
      await this.#session.measure(async (engine) => {
        for (const { config } of [one, other]) {
          recordings.push(await simulateRecording(engine, config, signal));
        }
      });
      const [first, second] = recordings;
      if (!first || !second) return 'The engine is busy. Try again.';
      return {
        a: { recording: first, title: titles.a },
        b: { recording: second, title: titles.b },
        settings: b,
        simulatedFrom: a,
        note: noteOf(a, one),
      };
    });
  }

  /** Compares the two settings of a link; both are simulated. */
  withLinked(a: Settings, b: Settings): Promise<void> {
    const differing = differingSettings(a, b);
    const titleOf = (settings: Settings) =>
      listed(
        differing.map(
          ({ path }) => `${LABELS[path] ?? path} ${effectiveText(settings, path) || 'default'}`,
        ),
      );
    return this.withSettings(a, b, { a: titleOf(a), b: titleOf(b) });
  }

  /** Compares the run before with the one on screen. */
  withPrevious(): Promise<void> {
    return this.#begin(() => {
      const { previous, screen, settingsOnScreen } = this.#session;
      const { recording } = screen;
      if (!previous || !recording) return Promise.resolve('There is no run before this one.');
      if (recording.origin === 'live')
        return Promise.resolve('The run goes on. Compare when it has ended.');
      return Promise.resolve({
        a: { recording: previous, title: 'the run before' },
        b: { recording, title: 'the last run' },
        settings: settingsOnScreen,
        simulatedFrom: null,
        note: realNote([previous, recording]),
      });
    });
  }

  /** Compares the run on screen with an event log. */
  withLog(file: File): Promise<void> {
    return this.#begin(async (signal) => {
      const { recording } = this.#session.screen;
      if (!recording || recording.origin === 'live') {
        return 'There is no run on screen that has ended, to compare the log with.';
      }
      const name = visible(file.name);
      try {
        const log = await this.#session.engine.openLog(file);
        const opened = await openLog(log, () => !signal.aborted);
        if (!opened) return '';
        if (!isSamePipeline(opened.recording.topology, recording.topology)) {
          return `${name} is of another pipeline: its stages or channels differ.`;
        }
        const { settings, leftOut } = fromConfig(opened.recording.config);
        return {
          a: { recording, title: 'on screen' },
          b: { recording: opened.recording, title: name },
          settings: leftOut.length === 0 ? settings : null,
          simulatedFrom: null,
          note: [opened.warning ?? '', realNote([recording, opened.recording])].join(' ').trim(),
        };
      } catch (error) {
        return `${name} can’t be read: ${LogNotOpened.because(error).message}.`;
      }
    });
  }

  /** @param make returns what to compare, or why that isn't possible */
  async #begin(make: (signal: AbortSignal) => Promise<Comparing | string>): Promise<void> {
    this.#work.abort();
    const { signal } = (this.#work = new AbortController());
    this.isBusy = true;
    this.failure = '';
    try {
      const found = await make(signal);
      if (signal.aborted) return;
      if (typeof found === 'string') {
        this.failure = found;
        return;
      }
      this.current?.end();
      this.current = new Comparison(found);
      this.isAsking = false;
    } catch (error) {
      if (!signal.aborted) this.failure = reasonOf(error);
    } finally {
      if (this.#work.signal === signal) this.isBusy = false;
    }
  }
}

function reasonOf(error: unknown): string {
  return error instanceof RunFailed && error.failure.reason === 'config'
    ? `The settings have a problem: ${visible(error.message)}`
    : `The simulation broke off: ${visible(error instanceof Error ? error.message : String(error))}`;
}

/** Says how both came about. */
function noteOf(
  { records, runtime }: Settings,
  { records: simulated, cores }: SimulatedRun,
): string {
  const of = runtime === 'virtual' ? '' : ', where only service times take time';
  const first = simulated < (records ?? Infinity) ? 'the first ' : '';
  return `Simulated: ${first}${counted(simulated, 'record')} on the virtual clock with ${counted(cores, 'core')}${of}.`;
}

/** On real threads no two runs are the same. */
function realNote(recordings: readonly Recording[]): string {
  return recordings.every(({ isVirtual }) => isVirtual)
    ? ''
    : 'On real threads every run goes a little differently; small differences may be chance.';
}

function isSamePipeline(one: Topology, other: Topology): boolean {
  const shapeOf = ({ stages, channels }: Topology) => JSON.stringify([stages, channels]);
  return shapeOf(one) === shapeOf(other);
}
