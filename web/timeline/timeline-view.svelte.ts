// What the user looks at in the timeline: which part of the run, which lanes are folded, what is measured.

import type { TimeWindow } from '../analysis/series';
import type { Recording } from '../recording/recording';
import { DIVISIONS, divisionOf, fitted, movedTo, nextDivision, paged, zoomed } from './viewport';

/** A live run begins with divisions of a second. */
const FIRST_DIVISION = 1e9;

export class TimelineView {
  window = $state.raw<TimeWindow>({ from: 0, to: FIRST_DIVISION * DIVISIONS });
  /** By group of lanes: folded, or unfolded, by the user. */
  folded = $state.raw<Readonly<Record<string, boolean>>>({});
  /** The part that is measured. */
  measured = $state.raw<TimeWindow | null>(null);
  /** Whether the next drag measures. */
  isMeasuring = $state(false);
  readonly division = $derived.by(() => divisionOf(this.window, this.divisions));

  divisions = $state(DIVISIONS);
  #recording: Recording | null = null;
  #wasLive = false;
  /** Whether the user has chosen the part that is shown. */
  #isChosen = false;
  #lastTime: number | null = null;

  /** The part that the user has chosen; null while it follows from the run. */
  get chosen(): TimeWindow | null {
    return this.#isChosen ? this.window : null;
  }

  /**
   * Follows the recording and its time.
   *
   * @param end how far the recording can be shown, in nanoseconds
   * @param wanted the part of a new recording to begin with
   */
  follow(recording: Recording, time: number, end: number, wanted: TimeWindow | null): void {
    if (recording !== this.#recording) this.#show(recording, end, wanted);
    const hasEnded = this.#wasLive && recording.origin !== 'live';
    this.#wasLive = recording.origin === 'live';
    // A run that was too short for the window to show anything.
    if (
      hasEnded &&
      !this.#isChosen &&
      recording.duration < (this.window.to - this.window.from) / 3
    ) {
      this.#fit(recording, end);
    }
    const last = this.#lastTime;
    this.#lastTime = time;
    if (last === time || last === null) return;
    const { from, to } = this.window;
    const wasWithin = last >= from && last <= to;
    // If the user has moved the window away from the playhead, it stays there while the run plays on.
    const isJump = Math.abs(time - last) > (to - from) / 4;
    if (wasWithin || isJump) this.window = paged(this.window, time);
  }

  #show(recording: Recording, end: number, wanted: TimeWindow | null): void {
    this.#recording = recording;
    this.#isChosen = false;
    this.#lastTime = null;
    this.measured = null;
    this.isMeasuring = false;
    if (recording.origin === 'live') {
      this.window = { from: 0, to: FIRST_DIVISION * this.divisions };
    } else this.#fit(recording, end);
    if (wanted) this.show(wanted.from, wanted.to);
  }

  #fit(recording: Recording, end: number): void {
    const begin = recording.log.begin > 0 ? recording.log.firstTime : 0;
    this.window = fitted(begin, Math.max(end, recording.duration), this.divisions);
  }

  /** Shows the whole run. */
  fit(): void {
    if (!this.#recording) return;
    this.#isChosen = true;
    this.#fit(this.#recording, 0);
  }

  /** Switches to the next shorter (1) or longer (−1) division. A time that is in view stays where it is. */
  step(direction: 1 | -1, time: number): void {
    const { from, to } = this.window;
    const about = time >= from && time <= to ? time : (from + to) / 2;
    const next = nextDivision(this.division, direction) * this.divisions;
    this.zoom(next / (this.window.to - this.window.from), about);
  }

  /** @param factor below 1 for a shorter window */
  zoom(factor: number, about: number): void {
    this.#isChosen = true;
    this.window = zoomed(this.window, about, factor, this.divisions);
  }

  /** Moves the window by a share of its length. */
  pan(share: number): void {
    this.#isChosen = true;
    const { from, to } = this.window;
    const end = this.#recording?.duration ?? to;
    this.window = movedTo(
      this.window,
      Math.min(from + share * (to - from), end - (to - from) / 12),
    );
  }

  /** Shows a part between two times, in any order. */
  show(one: number, other: number): void {
    const [from, to] = [Math.max(0, Math.min(one, other)), Math.max(one, other)];
    if (to - from < 10) return;
    this.#isChosen = true;
    this.window = { from, to };
  }

  /** Shows a time, if it isn't visible. */
  reveal(time: number): void {
    this.window = paged(this.window, time);
  }

  toggle(group: string, folded: boolean): void {
    this.folded = { ...this.folded, [group]: !folded };
  }
}
