// Which time of a recording is on screen: live it is a little behind the run; otherwise it runs at any speed, stands, or
// is moved about by hand.

import { isTaskEvent } from './event-log';
import type { Recording } from './recording';

/** Milliseconds that a dot takes from one place to the next, if it stays long enough. */
export const RAMP = 160;

/** Milliseconds that the live picture is behind the run: by then it is known how long each dot stays. */
export const LAG = 250;

/** How fast time runs on screen; 1 is as fast as it did. */
export const SPEEDS = [
  ...[4, 2, 1, 1 / 2, 1 / 4, 1 / 10, 1 / 30, 1 / 100, 1 / 300],
  ...[1 / 1e3, 1 / 3e3, 1 / 1e4, 1 / 3e4, 1 / 1e5, 1 / 1e6],
] as const;

export class Playback {
  readonly recording: Recording;
  /** Nanoseconds of the run: what is on screen. */
  time = 0;
  speed = 1;
  playing = true;
  /** Whether it follows the run. */
  live: boolean;
  #lastFrame: number | null = null;
  /** From when on it is known where records were, in nanoseconds. */
  knownFrom: () => number = () => 0;

  constructor(recording: Recording) {
    this.recording = recording;
    this.live = recording.origin === 'live';
    if (!this.live) {
      this.playing = false;
      this.time = this.end;
    }
  }

  /** The oldest time that can be shown. */
  get begin(): number {
    return Math.max(this.recording.log.firstTime, this.knownFrom());
  }

  /** The youngest time that can be shown. */
  get end(): number {
    const { recording } = this;
    return recording.origin === 'live' ? recording.log.watermark : recording.duration;
  }

  /** Nanoseconds of the run that a dot takes from place to place: always as long on screen. At the end all have arrived. */
  get ramp(): number {
    const isAtEnd = this.recording.origin !== 'live' && !this.playing && this.time >= this.end;
    return isAtEnd ? 0 : this.#ramp;
  }

  get #ramp(): number {
    return RAMP * 1e6 * (this.live ? 1 : this.speed);
  }

  /**
   * Goes on to the time for a frame.
   *
   * @param now milliseconds of the screen's clock
   * @param runTime how far the run is, in nanoseconds; null if none goes on or it is paused
   */
  frame(now: number, runTime: number | null): number {
    const passed = this.#lastFrame === null ? 0 : Math.min(250, now - this.#lastFrame);
    this.#lastFrame = now;
    if (this.live) {
      if (runTime !== null) this.time = Math.max(this.time, runTime - LAG * 1e6);
      // Paused or over: nothing more comes, so there is nothing to be behind of.
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

  /** How far it plays: the dots of the last events have to arrive. */
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

  /** Shows what is happening now again. */
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

  /** Goes to the next event of a record, or to the one before; its index, or null if there is none. */
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

/** A speed at which a record's way can be followed: it takes about so many seconds on screen. */
export function speedFor(latency: number, seconds = 6): number {
  const wanted = latency / (seconds * 1e9);
  return SPEEDS.find((speed) => speed <= wanted) ?? SPEEDS[SPEEDS.length - 1] ?? 1;
}

/** Seconds that a replay of a short run takes on screen at least; at most twice as many. */
const SHORTEST_REPLAY = 10;

/** The round speed at which a length of time, in nanoseconds, takes 10 to 20 seconds on screen. */
export function speedForAll(length: number): number {
  const fastest = length / (SHORTEST_REPLAY * 1e9);
  // Each is at least half of the one before: the first that is slow enough is not too slow.
  for (let decade = 1; decade <= 1e9; decade *= 10) {
    const speeds = [1, 2, 3, 5].map((digit) => 1 / (digit * decade));
    const speed = speeds.find((speed) => speed <= fastest);
    if (speed !== undefined) return speed;
  }
  return 1e-9;
}

/** `¼`, `1/100`, `2×`: for people. */
export function speedName(speed: number): string {
  return speed >= 1 ? `${speed}×` : `1/${Math.round(1 / speed).toLocaleString('en')}`;
}
