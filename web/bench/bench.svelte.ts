// The benchmark of the page: measures the plain loop and all points in turn, round by round.

import { RunFailed } from '../engine/client';
import type { Engine, RunHandle } from '../engine/client';
import type { Metrics } from '../engine/generated/Metrics';
import { count } from '../format';
import type { Session } from '../session.svelte';
import { middleRound } from './figure';
import { limitOf } from './limits';
import { DEFAULTS, keyOf, loopConfig, planOf, pointConfig, recordsOf } from './points';
import type { Plan, Point } from './points';
import { looksLikeReport, measuredOf, nativeRates, ratesOf, readReport } from './report';
import type { Measurements, Native } from './report';

/** A larger file isn't a report. */
const MAX_FILE_BYTES = 20_000_000;

/** The warm-up has this many times fewer records. */
const WARM_UP = 10;

export interface BenchProgress {
  done: number;
  all: number;
  words: string;
}

class Cancelled extends Error {}

export class Bench {
  readonly #session: Session;
  lists = $state({ ...DEFAULTS });
  progress = $state.raw<BenchProgress | null>(null);
  measurements = $state.raw<Measurements | null>(null);
  /** How the last measurement ended. */
  message = $state('');
  native = $state.raw<(Native & { file: string }) | null>(null);
  /** What is wrong with the file chosen last. */
  nativeProblem = $state<string | null>(null);

  readonly #nativeRates = $derived(nativeRates(this.native, this.measurements?.threads));
  #isCancelled = false;
  #interrupt: () => void = () => undefined;

  constructor(session: Session) {
    this.#session = session;
  }

  get isMeasuring(): boolean {
    return this.progress !== null;
  }

  /** Returns the native rate of a point on the same number of threads, or undefined if there is none. */
  rateOf(point: Point): number | undefined {
    return this.#nativeRates.get(keyOf(point));
  }

  async start(): Promise<void> {
    const plan = planOf($state.snapshot(this.lists));
    if ('problems' in plan || this.isMeasuring || this.#session.isRunning) return;
    this.#isCancelled = false;
    this.message = '';
    const all = (plan.rounds + 1) * (plan.points.length + 1);
    this.progress = { done: 0, all, words: 'Starting the engine' };
    try {
      await this.#session.measure(async (engine) => {
        this.measurements = await this.#measure(engine, plan);
      }, true);
      this.message = 'Measured.';
    } catch (error) {
      // Keep the previous figures.
      this.message = this.#wasCancelled(error)
        ? 'Cancelled.'
        : `The measurement failed: ${error instanceof Error ? error.message : String(error)}`;
    } finally {
      this.progress = null;
      this.#interrupt = () => undefined;
    }
  }

  /** After a cancellation, whatever an engine reports that was shut down for it. */
  #wasCancelled(error: unknown): boolean {
    return error instanceof Cancelled || this.#isCancelled;
  }

  cancel(): void {
    this.#isCancelled = true;
    this.#interrupt();
  }

  async #measure(engine: Engine, plan: Plan): Promise<Measurements> {
    const info = await engine.start();
    const loops: number[] = [];
    const times: Record<string, { seconds: number; metrics: Metrics }[]> = {};
    let done = 0;
    const advance = (words: string): void => {
      this.#report(done, words);
      done += 1;
    };
    for (let round = 0; round <= plan.rounds; round += 1) {
      const isWarmUp = round === 0;
      const records = isWarmUp ? Math.ceil(plan.records / WARM_UP) : plan.records;
      const name = isWarmUp ? 'Warm-up' : `Round ${round} of ${plan.rounds}`;
      advance(`${name}: the plain loop`);
      const seconds = await this.#loop(engine, records);
      if (!isWarmUp) loops.push(seconds);
      for (const point of plan.points) {
        const { batch, buffer, workers } = point;
        advance(`${name}: batch ${batch}, buffer ${buffer}, workers ${workers}`);
        // The warm-up uses the same batch sizes, as far as it can.
        const metrics = await this.#point(engine, point, recordsOf(point, records));
        if (isWarmUp) continue;
        const key = keyOf(point);
        const sample = { seconds: metrics.elapsed_seconds, metrics };
        times[key] = [...(times[key] ?? []), sample];
      }
    }

    const cores = navigator.hardwareConcurrency;
    const loop = ratesOf(loops, plan.records);
    const measured = plan.points.map((point) => {
      const records = recordsOf(point, plan.records);
      const samples = times[keyOf(point)] ?? [];
      const rate = ratesOf(
        samples.map(({ seconds }) => seconds),
        records,
      );
      const middle = samples[middleRound(rate)];
      if (!middle) throw new Error('a point was not measured');
      const limit = limitOf(middle.metrics, info.defaults);
      return measuredOf(point, records, rate, loop, limit);
    });
    const { version, threads } = info;
    return { version, cores, threads, records: plan.records, loop, measured };
  }

  /** Reports what is measured next, after this many measurements. */
  #report(done: number, words: string): void {
    if (this.#isCancelled) throw new Cancelled();
    const { all = 1 } = this.progress ?? {};
    this.progress = { done, all, words: `${words} (${count(done + 1)} of ${count(all)})` };
  }

  async #loop(engine: Engine, records: number): Promise<number> {
    // A loop can't be told to stop: shut down its engine and start another one.
    this.#interrupt = () => {
      engine.close();
      void engine.start().catch(() => undefined);
    };
    return engine.measureLoop(loopConfig(records));
  }

  async #point(engine: Engine, point: Point, records: number): Promise<Metrics> {
    const run: RunHandle = engine.run(pointConfig(point, records), { discard: true });
    this.#interrupt = () => {
      run.abort();
    };
    try {
      const { metrics } = await run.finished;
      if (metrics.processed + metrics.failed !== records) throw new Error('records were lost');
      return metrics;
    } catch (error) {
      if (error instanceof RunFailed && error.failure.reason === 'aborted') throw new Cancelled();
      throw error;
    }
  }

  /** Takes a file if it is a report. Returns whether it was. */
  async takeDropped(file: File): Promise<boolean> {
    const start = await file
      .slice(0, 200)
      .text()
      .catch(() => '');
    if (!looksLikeReport(start)) return false;
    await this.openNative(file);
    return true;
  }

  /** Reads native figures. Keeps the previous ones if the file is invalid. */
  async openNative(file: File): Promise<void> {
    try {
      if (file.size > MAX_FILE_BYTES) throw new Error('it is too large for a report');
      this.native = { ...readReport(await file.text()), file: file.name };
      this.nativeProblem = null;
    } catch (error) {
      this.nativeProblem = `${file.name}: ${error instanceof Error ? error.message : String(error)}.`;
    }
  }
}
