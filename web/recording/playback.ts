// The time of a recording that is on screen. Live, it lags a little behind the run. Otherwise it plays at any speed,
// stands still, or is moved by hand.

import { isTaskEvent } from './event-log';
import type { Recording } from './recording';

/** The duration of a dot's transition from one node to the next, in milliseconds. At most half of the visit. */
export const RAMP = 360;

/** How far the live picture lags behind the run, in milliseconds: enough to know how long each visit lasts. */
export const LAG = 250;

/** Playback speeds; 1 is real time. */
export const SPEEDS = [
  ...[4, 2, 1, 1 / 2, 1 / 4, 1 / 10, 1 / 30, 1 / 100, 1 / 300],
  ...[1 / 1e3, 1 / 3e3, 1 / 1e4, 1 / 3e4, 1 / 1e5, 1 / 1e6],
] as const;

export class Playback {
  readonly recording: Recording;
  /** The time on screen, in nanoseconds of the run. */
  time = 0;
  speed = 1;
  playing = true;
  /** Whether playback follows the run. */
  live: boolean;
  #lastFrame: number | null = null;
  /** The time from which on positions of records are known, in nanoseconds. */
  knownFrom: () => number = () => 0;

  constructor(recording: Recording) {
    this.recording = recording;
    this.live = recording.origin === 'live';
    if (!this.live) {
      this.playing = false;
      this.time = this.end;
    }
  }

  /** The earliest time that can be shown. */
  get begin(): number {
    return Math.max(this.recording.log.firstTime, this.knownFrom());
  }

  /** The latest time that can be shown. */
  get end(): number {
    const { recording } = this;
    return recording.origin === 'live' ? recording.log.watermark : recording.duration;
  }

  /**
   * The duration of a transition in nanoseconds of the run; on screen it always takes the same time. 0 at the end,
   * where all dots have arrived.
   */
  get ramp(): number {
    const isAtEnd = this.recording.origin !== 'live' && !this.playing && this.time >= this.end;
    return isAtEnd ? 0 : this.#ramp;
  }

  get #ramp(): number {
    return RAMP * 1e6 * (this.live ? 1 : this.speed);
  }

  /**
   * Advances to the time for a frame.
   *
   * @param now milliseconds of the screen's clock
   * @param runTime how far the run is, in nanoseconds; null if there is no run or it is paused
   */
  frame(now: number, runTime: number | null): number {
    const passed = this.#lastFrame === null ? 0 : Math.min(250, now - this.#lastFrame);
    this.#lastFrame = now;
    if (this.live) {
      if (runTime !== null) this.time = Math.max(this.time, runTime - LAG * 1e6);
      // Paused or over: no more events will arrive, so there is no reason to lag behind.
      else this.#advance(passed, 1);
      if (runTime === null && this.#isThrough) {
        this.live = false;
        this.#stop();
      }
    } else if (this.playing) {
      this.#advance(passed, this.speed);
      if (this.#isThrough) this.#stop();
    }
    this.time = Math.max(this.time, Math.min(this.begin, this.end));
    return this.time;
  }

  /** How far playback goes: far enough for the dots of the last events to arrive. */
  get #farthest(): number {
    return this.recording.origin === 'live' ? this.end : this.end + this.#ramp;
  }

  get #isThrough(): boolean {
    return this.recording.origin !== 'live' && this.time >= this.#farthest;
  }

  #advance(milliseconds: number, speed: number): void {
    const next = Math.min(this.#farthest, this.time + milliseconds * 1e6 * speed);
    this.time = Math.max(this.time, next);
  }

  #stop(): void {
    this.playing = false;
    this.time = Math.min(this.time, this.end);
  }

  /** Returns to the live picture. */
  goLive(): void {
    this.live = true;
    this.playing = true;
    this.speed = 1;
    this.time = Math.max(this.begin, this.end - LAG * 1e6);
  }

  play(): void {
    this.live = false;
    this.playing = true;
    if (this.time >= this.end) this.time = this.begin;
  }

  halt(): void {
    this.live = false;
    this.#stop();
  }

  seek(time: number): void {
    this.live = false;
    this.time = Math.min(this.end, Math.max(this.begin, time));
  }

  setSpeed(speed: number): void {
    if (speed !== 1) this.live = false;
    this.speed = speed;
  }

  /** Steps to the next or previous event about a record. Returns its index, or null if there is none. */
  step(direction: 1 | -1): number | null {
    const { log } = this.recording;
    this.halt();
    let index = log.indexAfter(this.time) - 1;
    if (direction > 0) {
      for (index += 1; index < log.end; index += 1) {
        if (log.time(index) > this.time && !isTaskEvent(log.kind(index))) break;
      }
    } else {
      for (; index >= log.begin; index -= 1) {
        if (log.time(index) < this.time && !isTaskEvent(log.kind(index))) break;
      }
    }
    if (index < log.begin || index >= log.end) return null;
    this.time = log.time(index);
    return index;
  }
}

/** Returns the speed at which one record's journey takes about `seconds` seconds on screen. */
export function speedFor(latency: number, seconds = 6): number {
  const wanted = latency / (seconds * 1e9);
  return SPEEDS.find((speed) => speed <= wanted) ?? SPEEDS[SPEEDS.length - 1] ?? 1;
}

/** A replay of a short run takes at least this many seconds on screen, and at most twice as many. */
const SHORTEST_REPLAY = 10;

/** Returns the round speed at which `length` nanoseconds take 10 to 20 seconds on screen. */
export function speedForAll(length: number): number {
  const fastest = length / (SHORTEST_REPLAY * 1e9);
  // Each speed is at least half of the one before, so the first one that is slow enough isn't too slow.
  for (let decade = 1; decade <= 1e9; decade *= 10) {
    const speeds = [1, 2, 3, 5].map((digit) => 1 / (digit * decade));
    const speed = speeds.find((speed) => speed <= fastest);
    if (speed !== undefined) return speed;
  }
  return 1e-9;
}

/** Formats a speed: `¼`, `1/100`, `2×`. */
export function speedName(speed: number): string {
  return speed >= 1 ? `${speed}×` : `1/${Math.round(1 / speed).toLocaleString('en')}`;
}
