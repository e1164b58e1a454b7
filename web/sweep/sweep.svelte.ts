// What other values of a setting would bring: which setting it is, and what has been simulated so far.

import { SvelteMap } from 'svelte/reactivity';
import { untrack } from 'svelte';
import type { Engine } from '../engine/client';
import type { Metrics } from '../engine/generated/Metrics';
import type { PartialConfig } from '../engine/partial';
import type { SimulationResult } from '../engine/protocol';
import { withSetting } from '../engine/sweep';
import type { SettingValue } from '../engine/sweep';
import { takesTime } from './simulated';
import type { SimulatedRun } from './simulated';
import type { Candidate, Sweepable } from './sweepable';
import { coarseToFine } from './values';

/** What a simulated run brought. */
export interface Figures {
  /** Records per second. */
  rate: number;
  /** 99 % of the processed records took at most this long, in seconds; null if there is none. */
  p99: number | null;
}

/** A value with what it brings; null while that isn't known. */
export interface Point extends Candidate {
  figures: Figures | null;
  isOwn: boolean;
}

/** A setting, and the run in which it is tried. */
export interface Question {
  sweepable: Sweepable;
  run: SimulatedRun;
}

/** `refused`: the engine doesn't accept the settings. */
type Answer = Figures | 'refused';

/** As many answers are kept. They stay true: the same run comes out the same. */
const MOST_KEPT = 2000;

/** How long settings must have been left alone before the next simulation, in milliseconds. */
const DEBOUNCE = 250;

/** The curve under a control. There is one at a time. */
export class Sweep {
  /** The setting that is looked at, by its path in the configuration; null if there is none. */
  path = $state<string | null>(null);
  /** Why the simulation broke off. */
  failure = $state('');
  readonly #answers = new SvelteMap<string, Answer>();
  readonly #engine: Pick<Engine, 'sweep'>;
  /** What had the focus when it was opened, to give it back. */
  #opener: HTMLElement | null = null;

  constructor(engine: Pick<Engine, 'sweep'>) {
    this.#engine = engine;
  }

  /** Looks at a setting; at none if it is looked at already. */
  toggle(path: string): void {
    if (this.path === path) this.close();
    else this.open(path);
  }

  open(path: string): void {
    if (this.path === null) {
      const { activeElement } = document;
      this.#opener = activeElement instanceof HTMLElement ? activeElement : null;
    }
    this.failure = '';
    this.path = path;
  }

  close(): void {
    if (this.path === null) return;
    this.path = null;
    if (this.#opener?.isConnected) this.#opener.focus({ preventScroll: true });
    this.#opener = null;
  }

  /** Returns the values to try, with what is known of them. Reactive. */
  points(question: Question): Point[] {
    return this.#candidates(question).map((candidate) => {
      const answer = this.#answers.get(keyOf(question, candidate.value));
      return {
        ...candidate,
        figures: answer === undefined || answer === 'refused' ? null : answer,
        isOwn: candidate.value === question.sweepable.own.value,
      };
    });
  }

  /** Whether the engine has refused the settings. Reactive. */
  isRefused(question: Question): boolean {
    return this.#candidates(question).some(
      ({ value }) => this.#answers.get(keyOf(question, value)) === 'refused',
    );
  }

  /**
   * Simulates what isn't known yet, once it has been asked for long enough.
   *
   * @param isFirst whether it begins at once
   * @returns a function that ends it
   */
  work(question: Question, isFirst: boolean): () => void {
    const controller = new AbortController();
    const timer = setTimeout(
      () => {
        this.failure = '';
        this.#fill(question, controller.signal).catch((error: unknown) => {
          if (!controller.signal.aborted) this.failure = String(error);
        });
      },
      isFirst ? 0 : DEBOUNCE,
    );
    return () => {
      clearTimeout(timer);
      controller.abort(new DOMException('it isn’t wanted any more', 'AbortError'));
    };
  }

  async #fill(question: Question, signal: AbortSignal): Promise<void> {
    const { run, sweepable } = question;
    // Which values there are may depend on the first ones.
    for (;;) {
      const values = untrack(() => this.#unknown(question));
      if (values.length === 0) return;
      for await (const result of this.#engine.sweep(run.config, sweepable.path, values, signal)) {
        if (this.#answers.size >= MOST_KEPT) this.#answers.clear();
        this.#answers.set(keyOf(question, result.value), answerOf(result));
        if (!('metrics' in result)) return;
      }
    }
  }

  /** The values whose outcome isn't known, in the order in which they are worked out: one's own first. */
  #unknown(question: Question): SettingValue[] {
    const all = this.#candidates(question);
    const own = all.findIndex(({ value }) => value === question.sweepable.own.value);
    return coarseToFine(all.length, Math.max(0, own)).flatMap((at) => {
      const value = all[at]?.value;
      const isKnown = value === undefined || this.#answers.has(keyOf(question, value));
      return isKnown ? [] : [value];
    });
  }

  #candidates(question: Question): Candidate[] {
    const { sweepable, run } = question;
    const { needsUnlimited, path } = sweepable;
    const answer = needsUnlimited ? this.#answers.get(keyOf(question, 0)) : undefined;
    const unlimited = answer === undefined || answer === 'refused' ? null : answer.rate;
    return sweepable
      .candidates({ records: run.records, unlimited })
      .filter(({ value }) => takesTime(withSetting(run.config, path, value)));
  }
}

const keyOf = ({ run, sweepable }: Question, value: SettingValue): string =>
  JSON.stringify(withSetting(run.config, sweepable.path, value));

function answerOf(result: SimulationResult): Answer {
  return 'metrics' in result ? figuresOf(result.metrics) : 'refused';
}

/** Returns what a run is judged by here. */
export function figuresOf({ records_per_second: rate, latency }: Metrics): Figures {
  const { count, p99_seconds } = latency.processed.from_production;
  return { rate, p99: count > 0 ? p99_seconds : null };
}

/** Identifies a run and the values that are tried, to notice changes. */
export const identityOf = ({ run, sweepable }: Question): string =>
  JSON.stringify([run.config satisfies PartialConfig, sweepable.path, sweepable.own.value]);
