// The time of a recording that is on screen. Live, it lags a little behind the run. Otherwise it plays at any speed,
// forwards or backwards, stands still, or is moved by hand. Everything drawn is a function of that time, so it doesn't
// matter how it was reached.

import { isTaskEvent } from './event-log';
import type { Recording } from './recording';

/** The duration of a dot's transition from one node to the next, in milliseconds. At most half of the visit. */
export const RAMP = 360;

/** How far the live picture lags behind the run, in milliseconds: enough to know how long each visit lasts. */
export const LAG = 250;

/** Playback speeds, in either direction; 1 is real time. */
export const SPEEDS = [
  ...[10, 4, 2, 1, 1 / 2, 1 / 4, 1 / 10, 1 / 30, 1 / 100, 1 / 300],
  ...[1 / 1e3, 1 / 3e3, 1 / 1e4, 1 / 3e4, 1 / 1e5, 1 / 1e6],
] as const;

/** How much time a step by time skips, in milliseconds on screen. */
const STEP = 250;

export class Playback {
  readonly recording: Recording;
  /** The time on screen, in nanoseconds of the run. */
  time = 0;
  /** Seconds of the run per second on screen; negative backwards. */
  speed = 1;
  playing = true;
  /** Whether playback follows the run. */
  live: boolean;
  #lastFrame: number | null = null;
  /** The speed before [`Playback.shuttle`] raised it; null if it hasn't. */
  #unraised: number | null = null;
  /** The time from which on positions of records are known, in nanoseconds. */
  knownFrom: () => number = () => 0;
  /** The clock goes on to this time, in nanoseconds, for another run beside it that takes longer. */
  extendedTo = 0;

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
    if (recording.origin === 'live') return recording.log.watermark;
    return Math.max(recording.duration, this.extendedTo);
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
    return RAMP * 1e6 * (this.live ? 1 : Math.abs(this.speed));
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

  /** Whether playback is through, in its direction. More may come of a run in progress, but not before its beginning. */
  get #isThrough(): boolean {
    if (!this.live && this.speed < 0) return this.time <= this.begin;
    return this.recording.origin !== 'live' && this.time >= this.#farthest;
  }

  #advance(milliseconds: number, speed: number): void {
    const next = this.time + milliseconds * 1e6 * speed;
    if (speed < 0) this.time = Math.max(Math.min(this.begin, this.time), next);
    else this.time = Math.max(this.time, Math.min(this.#farthest, next));
  }

  /** Whatever is played next is played forwards, and as fast as before it was raised. */
  #stop(): void {
    this.playing = false;
    this.time = Math.min(this.time, this.end);
    this.speed = this.#unraised ?? Math.abs(this.speed);
    this.#unraised = null;
  }

  /**
   * Goes where another playback leads, in the same motion.
   *
   * @param time the time to show, in nanoseconds of this run
   * @param pace how many of its nanoseconds pass in one of the other run
   */
  follow({ playing, speed }: Playback, time: number, pace: number): void {
    this.live = false;
    this.speed = speed * pace;
    this.playing = playing && time < this.#farthest;
    this.time = Math.max(this.begin, Math.min(time, playing ? this.#farthest : this.end));
  }

  /** Returns to the live picture. */
  goLive(): void {
    this.live = true;
    this.playing = true;
    this.speed = 1;
    this.#unraised = null;
    this.time = Math.max(this.begin, this.end - LAG * 1e6);
  }

  /** Plays at the present speed; from the other end if it is through. */
  play(): void {
    this.live = false;
    this.playing = true;
    if (this.speed < 0) {
      if (this.time <= this.begin) this.time = this.end;
    } else if (this.time >= this.end) this.time = this.begin;
  }

  halt(): void {
    this.live = false;
    this.#stop();
  }

  seek(time: number): void {
    this.live = false;
    this.time = Math.min(this.end, Math.max(this.begin, time));
  }

  /** @param speed seconds of the run per second on screen; negative backwards */
  setSpeed(speed: number): void {
    if (speed !== 1) this.live = false;
    this.speed = speed;
    this.#unraised = null;
  }

  /** Switches to the next faster or slower speed in the same direction. */
  changeSpeed(direction: 1 | -1): void {
    const sign = this.speed < 0 ? -1 : 1;
    this.setSpeed(sign * neighbourSpeed(Math.abs(this.speed), direction));
  }

  /**
   * Plays forwards or backwards, as the keys J and L of video editors do: again in the same direction is faster, and the
   * next halt brings the former speed back.
   */
  shuttle(direction: 1 | -1): void {
    if (this.live && direction > 0) return;
    const present = Math.abs(this.speed);
    const unraised = this.#unraised ?? present;
    const isAgain = this.playing && !this.live && Math.sign(this.speed) === direction;
    this.speed = direction * (isAgain ? neighbourSpeed(present, 1) : unraised);
    this.#unraised = unraised;
    this.play();
  }

  /** Steps by as much time as passes in a quarter of a second on screen. */
  stepTime(direction: 1 | -1): void {
    this.halt();
    this.seek(Math.round(this.time + direction * STEP * 1e6 * Math.abs(this.speed)));
  }

  /**
   * Steps to the next or previous event about a record, or to one that `isWanted`. Returns its index, or null if there
   * is none.
   *
   * @param isWanted whether to step to an event, by its index
   */
  step(
    direction: 1 | -1,
    isWanted: (index: number) => boolean = this.#isAboutRecord,
  ): number | null {
    const { log } = this.recording;
    this.halt();
    let index = log.indexAfter(this.time) - 1;
    if (direction > 0) {
      for (index += 1; index < log.end; index += 1) {
        if (log.time(index) > this.time && isWanted(index)) break;
      }
    } else {
      for (; index >= log.begin; index -= 1) {
        if (log.time(index) < this.time && isWanted(index)) break;
      }
    }
    if (index < log.begin || index >= log.end) return null;
    this.time = log.time(index);
    return index;
  }

  readonly #isAboutRecord = (index: number): boolean =>
    !isTaskEvent(this.recording.log.kind(index));
}

/** Returns the next faster or slower speed; the same one if there is none. */
function neighbourSpeed(speed: number, direction: 1 | -1): number {
  const found =
    direction > 0
      ? SPEEDS.findLast((other) => other > speed)
      : SPEEDS.find((other) => other < speed);
  return found ?? speed;
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

/** Formats a speed, whatever its direction: `1/100`, `2×`. */
export function speedName(speed: number): string {
  const size = Math.abs(speed);
  return size >= 1 ? `${size}×` : `1/${Math.round(1 / size).toLocaleString('en')}`;
}
