// Two runs beside each other: what they are, and the clock that they share.

import { untrack } from 'svelte';
import { inSlices } from '../analysis/in-slices';
import { ledgerOf } from '../analysis/ledger';
import type { Config } from '../engine/generated/Config';
import { Screen } from '../screen.svelte';
import type { Settings } from '../settings/settings';
import { timelineDataOf } from '../timeline/timeline-data';
import type { Recording } from '../recording/recording';
import { partnerOf } from './alignment';
import type { Alignment } from './alignment';
import { figuresOf } from './figures';
import { differencesOf, headlineOf, settingsText } from './differences';

/** A run that is compared. */
export interface Compared {
  recording: Recording;
  /** What it is, to follow its letter: `as on screen`, `4 Transformers`. */
  title: string;
}

/** What is compared. */
export interface Comparing {
  a: Compared;
  b: Compared;
  /** The settings with which this page would run B; null if it has no control for one of them. */
  settings: Settings | null;
  /** Those of A, if both were simulated, so that a link brings both back; else null. */
  simulatedFrom: Settings | null;
  /** What one has to know about the two; empty for nothing. */
  note: string;
}

/** How many events are read between two looks at the clock. */
const EVENTS = 2048;

export class Comparison {
  readonly a = new Screen();
  readonly b = new Screen();
  readonly titles: { readonly a: string; readonly b: string };
  readonly settings: Settings | null;
  readonly simulatedFrom: Settings | null;
  readonly note: string;
  alignment = $state<Alignment>('time');
  readonly #recordings: { a: Recording; b: Recording };
  #isOver = false;
  /** Whether the events of both have been read. */
  isRead = $state(false);

  constructor({ a, b, settings, simulatedFrom, note }: Comparing) {
    this.titles = { a: a.title, b: b.title };
    this.settings = settings;
    this.simulatedFrom = simulatedFrom;
    this.note = note;
    this.#recordings = { a: a.recording, b: b.recording };
    this.b.open(b.recording);
    this.b.leader = { screen: this.a, partner: (time) => this.partner(time) };
    this.a.open(a.recording);
    this.align('time');
    void this.#read();
  }

  async #read(): Promise<void> {
    const { a, b } = this.#recordings;
    const reads = [a, b].flatMap((recording) => [
      () => timelineDataOf(recording).advance(EVENTS),
      () => ledgerOf(recording).catchUp(EVENTS),
    ]);
    const isWanted = () => !this.#isOver;
    this.isRead = await inSlices(() => reads.every((read) => read()), isWanted);
  }

  /** Must be called once it isn't shown any more. */
  end(): void {
    this.#isOver = true;
    const { playback } = this.a;
    if (playback) playback.halt();
  }

  /** Aligns the runs anew. */
  align(alignment: Alignment): void {
    this.alignment = alignment;
    const { playback } = this.a;
    if (!playback) return;
    // The shorter run waits for the other one at its end.
    playback.extendedTo = alignment === 'time' ? this.#recordings.b.duration : 0;
    if (playback.time > playback.end) this.a.seek(playback.end);
  }

  /** Returns the time of B that belongs to a time of A, in nanoseconds. */
  partner(time: number): { time: number; pace: number } {
    const { a, b } = this.#recordings;
    const alignment = untrack(() => this.alignment);
    return partnerOf(alignment, timelineDataOf(a), timelineDataOf(b), time);
  }

  get configs(): { a: Config; b: Config } {
    const { a, b } = this.#recordings;
    return { a: a.config, b: b.config };
  }

  readonly figures = $derived.by(() => {
    const { a, b } = this.#recordings;
    if (!this.isRead) return null;
    return { a: figuresOf(timelineDataOf(a)), b: figuresOf(timelineDataOf(b)) };
  });
  readonly headline = $derived(
    this.figures ? headlineOf(this.figures.a, this.figures.b) : 'Reading both runs…',
  );
  readonly differences = $derived.by(() => {
    const { a = null, b = null } = this.figures ?? {};
    return a && b ? differencesOf(a, b, this.#recordings.a.topology) : [];
  });
  readonly settingsText = $derived(settingsText(this.configs.a, this.configs.b));
}
