// What is on screen of a run: a recording of it, the time of it that is shown, and what the user looks at.

import type { Config } from './engine/generated/Config';
import type { Metrics } from './engine/generated/Metrics';
import { CHANNELS, STAGES } from './recording/events';
import { Playback, SPEEDS, speedFor, speedForAll } from './recording/playback';
import type { LoggedEvent } from './recording/event-log';
import { Recording } from './recording/recording';
import { typicalLatency } from './recording/typical-latency';
import { EXIT, RECORD_STATE, MAX_VISITS, Residencies } from './recording/residencies';
import type { Canvas2DRenderer } from './scene/canvas2d-renderer';
import type { Drawing } from './scene/drawing';
import { MAX_LANES } from './scene/layout';
import { dotAt } from './scene/position';
import type { WebGLRenderer } from './scene/webgl-renderer';
import { sceneAt } from './scene/scene-state';
import type { SceneState } from './scene/scene-state';

/** A worker or a channel that is looked at more closely. */
export type Focus =
  { stage: number; worker: number; channel?: never } | { channel: number; stage?: never };

/** Nanoseconds that a replay takes on screen at most, if it is to begin at the beginning. */
const LONGEST_REPLAY = 60e9;

/** A run shorter than this, in nanoseconds, is replayed slowly by itself: nobody has seen anything of it. */
const SHORT_RUN = 2e9;

/** Nanoseconds in a tick of the graphics card's clock, for a run that is not over: 2 hours fit. */
const LIVE_TICK = 4000;

/** What the playback is at, for those who show it. */
export interface PlaybackState {
  live: boolean;
  playing: boolean;
  speed: number;
  /** Nanoseconds of the run. */
  time: number;
  begin: number;
  end: number;
}

/** A picture as it was drawn. */
export interface Drawn extends Drawing {
  renderer: WebGLRenderer | Canvas2DRenderer;
}

/** A dot, as tests see it. */
export interface ProbedDot {
  /** Nanoseconds of the run at which it was drawn. */
  time: number;
  record: number;
  place: number;
  worker: number;
  x: number;
  y: number;
  /** Whether it is on its way to its place. */
  moving: boolean;
  /** Whether the graphics card has painted something there. */
  drawn: boolean;
}

/** Those who don't want motion get none that they have not asked for. */
const REDUCED_MOTION = matchMedia('(prefers-reduced-motion: reduce)');

const INITIAL_PLAYBACK: PlaybackState = {
  live: true,
  playing: true,
  speed: 1,
  time: 0,
  begin: 0,
  end: 0,
};

/** What the picture has before there is a run. */
export interface PipelineSize {
  /** By stage. */
  workers: readonly number[];
  /** By channel. */
  capacities: readonly number[];
}

export class Screen {
  recording = $state.raw<Recording | null>(null);
  stays: Residencies | null = null;
  playback: Playback | null = null;
  /** What is written in the picture; updated a few times a second. */
  scene: SceneState = $state.raw(emptyScene({ workers: [], capacities: [] }));
  /** Its stages and its channels as they are on the page: written a frame later each, as a frame has little time. */
  stages = $state.raw(this.scene.stages);
  channels = $state.raw(this.scene.channels);
  view: PlaybackState = $state.raw(INITIAL_PLAYBACK);
  /** The record that is followed. */
  chosen = $state<number | null>(null);
  focus = $state.raw<Focus | null>(null);
  /** Whether a short run is replayed by itself, until the user does something with the replay. */
  isAutoReplay = $state(false);
  /** The event that was last stepped to. */
  steppedEvent = $state.raw<LoggedEvent | null>(null);
  /** What was last drawn, and with what. */
  drawn: Drawn | null = null;
  /** What is still to be written of the scene, a part in each frame. */
  #pendingUpdates: (() => void)[] = [];
  /** What the last writing was of. */
  #sceneInputs: unknown[] = [null];
  #size: PipelineSize = { workers: [], capacities: [] };
  /** Whether the run is to be replayed by itself once the picture has come to its end. */
  #autoReplayPending = false;
  /** How far the run is at a moment of the page's clock; null while none goes on or it is paused. */
  #runTime: () => number | null = () => null;

  /** What is shown while there is no run. */
  prepare(size: PipelineSize): void {
    this.#size = size;
    if (!this.recording) this.#showScene(emptyScene(size));
  }

  /**
   * Shows a run that begins.
   *
   * @param runTime how far it is, in nanoseconds; null if it is paused or over
   */
  begin(config: Config, runTime: () => number | null): Recording {
    const recording = new Recording(config, 'live');
    this.#runTime = runTime;
    this.#show(recording, LIVE_TICK);
    return recording;
  }

  /** Shows a recording from elsewhere. */
  open(recording: Recording): void {
    this.#runTime = () => null;
    this.#show(recording, tickFor(recording));
    // Halted at its end there would be nothing to see.
    this.replaySlowly();
  }

  #show(recording: Recording, tick: number): void {
    this.recording = recording;
    const residencies = new Residencies(recording.log, tick, maxVisitsFor(recording));
    this.stays = residencies;
    this.playback = new Playback(recording);
    this.playback.knownFrom = () => this.stays?.knownFrom ?? 0;
    this.chosen = null;
    this.steppedEvent = null;
    this.isAutoReplay = false;
    this.#autoReplayPending = false;
    this.#sceneInputs = [null];
    residencies.update();
    this.updateScene();
    // The cards are those of another run.
    this.#showScene(this.scene);
  }

  /** The run has ended, with or without a result. */
  end(metrics: Metrics | null): void {
    const { recording } = this;
    if (!recording) return;
    recording.end(metrics);
    const isShort = recording.log.length > 0 && recording.duration < SHORT_RUN;
    this.#autoReplayPending = isShort && metrics !== null && !REDUCED_MOTION.matches;
    if (recording.isVirtual && recording.log.dropped === 0) {
      // Simulated times are finer than a browser's clock: now that the end is known, so can the ticks be.
      this.stays = new Residencies(recording.log, tickFor(recording), maxVisitsFor(recording));
      this.stays.update();
    }
  }

  /** Takes in events, so that none is missed while the page is not drawn. */
  follow(): void {
    this.stays?.update();
  }

  /** Goes on to the time for a frame; `now` is the screen's clock in milliseconds. */
  frame(now: number): void {
    const { playback } = this;
    this.stays?.update();
    if (!playback) return;
    const wasLive = playback.live;
    playback.frame(now, this.#runTime());
    // Whoever looks at another time, or has halted the picture, has left it before.
    if (wasLive && !playback.live && this.#autoReplayPending) this.#replayAll();
  }

  /** Replays a short run so slowly that it can be watched. */
  #replayAll(): void {
    const { playback } = this;
    this.#autoReplayPending = false;
    if (!playback || playback.end <= playback.begin) return;
    playback.setSpeed(speedForAll(playback.end - playback.begin));
    playback.seek(playback.begin);
    playback.play();
    this.#changed();
    this.isAutoReplay = true;
  }

  /** Brings up to date what is written. */
  updateScene(): void {
    const { recording, stays: residencies, playback } = this;
    if (!recording || !residencies || !playback) return;
    const { live, playing, speed, time, begin, end } = playback;
    const { log, snapshots, origin } = recording;
    // While the last dots arrive, the time on screen is that of the end.
    const shown = Math.min(time, Math.max(begin, end));
    const now = [live, playing, speed, shown, begin, end, log.end, snapshots.at(-1)?.time, origin];
    if (this.#sceneInputs.every((one, at) => one === now[at])) return;
    this.#sceneInputs = now;
    const scene = sceneAt(recording, residencies, shown, this.#size);
    this.scene = scene;
    this.view = { live, playing, speed, time: shown, begin, end };
    this.#pendingUpdates = [
      () => {
        this.stages = scene.stages;
      },
      () => {
        this.channels = scene.channels;
      },
    ];
  }

  /** Brings the next part up to date, if one is not. Whether there was one. */
  updateNext(): boolean {
    const write = this.#pendingUpdates.shift();
    write?.();
    return write !== undefined;
  }

  /** All of it at once. */
  #showScene(scene: SceneState): void {
    this.#pendingUpdates = [];
    this.scene = scene;
    this.stages = scene.stages;
    this.channels = scene.channels;
  }

  /** The dots of the picture, drawn anew; for tests. Those on their way out are left out. */
  probe(): ProbedDot[] {
    const { drawn, stays: residencies } = this;
    if (!drawn || !residencies) return [];
    const { moment, layout, renderer, pixels } = drawn;
    renderer.draw({ ...drawn, residencies, chosen: null });
    const [first, behind] = residencies.range(moment.time, moment.ramp);
    const dots: ProbedDot[] = [];
    for (let visit = first; visit < behind; visit += 1) {
      const dot = dotAt(residencies, visit, moment, layout);
      const what = residencies.word(visit, 3);
      const place = what & 0xff;
      if (!dot || place >= EXIT) continue;
      const age = moment.time - residencies.start(visit) * residencies.tick;
      // A raw record is a ring: it has nothing in its middle.
      const [x, y] = [dot.x + (dot.state === RECORD_STATE.raw ? dot.radius * 0.7 : 0), dot.y];
      const pixel = renderer.pixelAt(Math.round(x * pixels), Math.round(y * pixels));
      dots.push({
        ...{ time: moment.time, record: dot.record >>> 0, place, x: dot.x, y: dot.y },
        worker: (what >>> 8) & 0xffff,
        moving: age < moment.ramp,
        drawn: (pixel[3] ?? 0) > 100,
      });
    }
    return dots;
  }

  #changed(): void {
    this.steppedEvent = null;
    this.isAutoReplay = false;
    this.updateScene();
  }

  play(): void {
    this.playback?.play();
    this.#changed();
  }

  halt(): void {
    this.playback?.halt();
    this.#changed();
  }

  goLive(): void {
    this.playback?.goLive();
    this.#changed();
  }

  seek(time: number): void {
    this.playback?.seek(time);
    this.#changed();
  }

  setSpeed(speed: number): void {
    this.playback?.setSpeed(speed);
    this.#changed();
  }

  /** The next faster speed, or the next slower one. */
  changeSpeed(direction: 1 | -1): void {
    const present = this.playback?.speed ?? 1;
    const speed =
      direction > 0
        ? SPEEDS.findLast((speed) => speed > present)
        : SPEEDS.find((speed) => speed < present);
    if (speed !== undefined) this.setSpeed(speed);
  }

  step(direction: 1 | -1): void {
    const index = this.playback?.step(direction) ?? null;
    this.#changed();
    this.steppedEvent = index === null ? null : (this.recording?.log.at(index) ?? null);
  }

  /**
   * Plays what is recorded so slowly that the eye can follow: from its beginning, or, where all of it would take too long,
   * from its middle, where everything is under way.
   */
  replaySlowly(): void {
    const { playback, recording } = this;
    if (!playback || !recording) return;
    const { log } = recording;
    const speed = speedFor(typicalLatency(recording));
    playback.setSpeed(speed);
    const isShort = playback.end - playback.begin < LONGEST_REPLAY * speed;
    const middle = log.time(Math.floor((log.begin + log.end) / 2));
    playback.seek(isShort ? playback.begin : middle);
    playback.play();
    this.#changed();
  }

  /** A record is chosen with a click or by its number; the same again lets it go. */
  choose(record: number | null): void {
    this.chosen = record === this.chosen ? null : record;
  }

  inspect(focus: Focus | null): void {
    const same =
      focus?.channel === this.focus?.channel &&
      focus?.stage === this.focus?.stage &&
      JSON.stringify(focus) === JSON.stringify(this.focus);
    this.focus = same ? null : focus;
  }
}

/** As fine as the graphics card's numbers can be for the whole of it. */
function tickFor(recording: Recording): number {
  return Math.max(1, Math.ceil(recording.duration / 2 ** 30));
}

/** How many visits the events of a recording may be: about two for three of them. */
function maxVisitsFor({ origin, log }: Recording): number {
  let most = MAX_VISITS;
  if (origin !== 'live') while (most < log.length * 0.67 && most < MAX_VISITS * 8) most *= 2;
  return most;
}

function emptyScene({ workers, capacities }: PipelineSize): SceneState {
  return {
    ...{ time: 0, sample: 1, exact: true, metrics: null, before: null },
    stages: STAGES.map((stage, index) => ({
      stage,
      workers: Array.from({ length: Math.min(workers[index] ?? 1, MAX_LANES) }, () => ({
        ...{ state: 'waiting' as const, record: null, held: 0, thread: null, shares: null },
      })),
      ...{ shares: null, records: 0, rate: 0, count: workers[index] ?? 1 },
    })),
    channels: CHANNELS.map((channel, index) => ({
      channel,
      ...{
        depth: 0,
        approximate: false,
        capacity: capacities[index] ?? 100,
        highest: null,
        rate: 0,
        blocked: 0,
      },
    })),
  };
}
