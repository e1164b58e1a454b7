// What is on screen of a run: its recording, the time shown, and what the user looks at.

import type { Config } from './engine/generated/Config';
import type { Metrics } from './engine/generated/Metrics';
import { inSlices } from './analysis/in-slices';
import { seconds } from './format';
import { lifeOf, neighbourOf } from './analysis/journey';
import { findMoment } from './analysis/matters';
import type { MomentThatMatters } from './analysis/matters';
import { momentsOf } from './analysis/moments';
import type { Moment, MomentKind, Wanted } from './analysis/moments';
import { neighbourMark, withMark, withoutMark } from './marks';
import type { Mark } from './marks';
import { takesRecord } from './recording/takes-record';
import type { Place } from './recording/takes-record';
import { Playback, speedFor, speedForAll } from './recording/playback';
import { NO_VIEW, isLinkable } from './settings/link-view';
import type { LinkedView } from './settings/link-view';
import { STANDARD } from './recording/topology';
import type { LoggedEvent } from './recording/event-log';
import { Recording } from './recording/recording';
import { typicalLatency } from './recording/typical-latency';
import { EXIT, RECORD_STATE, MAX_VISITS, Residencies } from './recording/residencies';
import type { Canvas2DRenderer } from './scene/canvas2d-renderer';
import type { Drawing } from './scene/drawing';
import { dotAt } from './scene/position';
import type { WebGLRenderer } from './scene/webgl-renderer';
import { sceneAt, shownOf } from './scene/scene-state';
import type { SceneState } from './scene/scene-state';

/** The worker or channel that the user inspects, by node. */
export type Focus = Place;

/** A replay starts at the beginning only if it takes no longer than this on screen, in nanoseconds. */
const MAX_REPLAY = 60e9;

/**
 * A run shorter than this, in nanoseconds, is replayed slowly automatically: it was too short to
 * see.
 */
const SHORT_RUN = 2e9;

/** How many events are read between two looks at the clock. */
const EVENTS_PER_STEP = 2048;
/** A longer log is followed in slices, so that the page stays responsive: so many events at a time, in milliseconds. */
const EVENTS_AT_ONCE = 8192;
const SLICE = 12;

/** Nanoseconds per tick of the graphics card's clock during a run: enough for 2 hours. */
const LIVE_TICK = 4000;

/** The state of the playback, for display. */
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

/** A dot as tests see it. */
export interface ProbedDot {
  /** Nanoseconds of the run at which it was drawn. */
  time: number;
  record: number;
  node: number;
  worker: number;
  x: number;
  y: number;
  /** Whether it is in transition to its node. */
  moving: boolean;
  /** Whether the graphics card painted something there. */
  drawn: boolean;
}

/** With reduced motion, nothing moves that the user hasn't asked for. */
const REDUCED_MOTION = matchMedia('(prefers-reduced-motion: reduce)');

const INITIAL_PLAYBACK: PlaybackState = {
  live: true,
  playing: true,
  speed: 1,
  time: 0,
  begin: 0,
  end: 0,
};

/** The dimensions of the pipeline in the picture before there is a run. */
export interface PipelineSize {
  /** By stage, in the order of the specification. */
  workers: readonly number[];
  /** By channel, in the order of the specification. */
  capacities: readonly number[];
}

/** What moves the time of a screen in place of its own playback. */
export interface Leader {
  screen: Screen;
  /** Returns the time that belongs to one of the leader, and how many nanoseconds pass in one of the leader's. */
  partner: (time: number) => { time: number; pace: number };
}

export class Screen {
  readonly #cores = navigator.hardwareConcurrency;
  recording = $state.raw<Recording | null>(null);
  residencies: Residencies | null = null;
  playback: Playback | null = null;
  /** The text and gauges of the picture, updated a few times per second. */
  scene: SceneState = $state.raw(emptyScene({ workers: [], capacities: [] }));
  /** The stages and channels as rendered. Each is updated a frame later, since a frame has little time. */
  stages = $state.raw(this.scene.stages);
  channels = $state.raw(this.scene.channels);
  view: PlaybackState = $state.raw(INITIAL_PLAYBACK);
  /** The record that the user follows. */
  chosen = $state<number | null>(null);
  focus = $state.raw<Focus | null>(null);
  /** The record that the user points at, in the picture or elsewhere. */
  hovered = $state<number | null>(null);
  /** Whether a short run is being replayed on its own, until the user does something with the replay. */
  isAutoReplay = $state(false);
  /** The moment of the recording that matters, once it has ended and the moment is known. */
  moment = $state.raw<MomentThatMatters | null>(null);
  /** The part of the recording that the timeline shows, in nanoseconds; null for all of it. */
  timeline = $state.raw<{ from: number; to: number } | null>(null);
  /** Times of the recording that the user has marked, in order. */
  marks = $state.raw<readonly Mark[]>([]);
  /** The event last stepped to. */
  steppedEvent = $state.raw<LoggedEvent | null>(null);
  /** Why the last jump led nowhere; empty if it led somewhere. */
  jumpNote = $state('');
  /** Whether its time only counts steps, so that shares of it mean nothing, and whoever is ready is so for no lack. */
  isStepped = false;
  /** What moves the time; null for its own playback. */
  leader: Leader | null = null;
  /** The last draw and its renderer. */
  drawn: Drawn | null = null;
  /** Updates of the scene still to be rendered, one per frame. */
  #pendingUpdates: (() => void)[] = [];
  /** Those with finer ticks, while they still follow the log. */
  #finer: Residencies | null = null;
  /** The inputs of the last scene, to skip updates that would change nothing. */
  #sceneInputs: unknown[] = [null];
  /** Whether the run is to be replayed on its own once live playback has reached its end. */
  #autoReplayPending = false;
  /** Whether the picture stands at the end of a run only because that ended, and not because the user went there. */
  #standsByItself = false;
  /** Returns how far the run is, in nanoseconds; null if there is no run or it is paused. */
  #runTime: () => number | null = () => null;

  /** Sets what is shown while there is no run. */
  prepare(size: PipelineSize): void {
    if (!this.recording) this.#showScene(emptyScene(size));
  }

  /**
   * Shows a run that begins.
   *
   * @param runTime returns how far it is, in nanoseconds; null if it is paused or over
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
    // If it were halted at its end, it would show nothing.
    if (REDUCED_MOTION.matches) this.#standsByItself = true;
    else this.replaySlowly();
    void this.#findMoment(recording);
  }

  #show(recording: Recording, tick: number): void {
    this.recording = recording;
    const residencies = residenciesOf(recording, tick);
    this.residencies = residencies;
    this.playback = new Playback(recording);
    this.playback.knownFrom = () => this.residencies?.knownFrom ?? 0;
    this.chosen = null;
    this.hovered = null;
    this.steppedEvent = null;
    this.jumpNote = '';
    this.isAutoReplay = false;
    this.#autoReplayPending = false;
    this.#standsByItself = false;
    this.moment = null;
    this.marks = [];
    this.timeline = null;
    this.#sceneInputs = [null];
    this.#finer = null;
    residencies.update(EVENTS_AT_ONCE);
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
      // Simulated times are finer than a browser's clock. Now that the end is known, ticks can be finer too.
      this.#finer = residenciesOf(recording, tickFor(recording));
      this.#finer.update(EVENTS_AT_ONCE);
      this.#takeFiner();
    }
    void this.#findMoment(recording);
  }

  async #findMoment(recording: Recording): Promise<void> {
    const isWanted = () => this.recording === recording;
    const moment = await findMoment(recording, this.#cores, isWanted);
    if (!isWanted()) return;
    this.moment = moment;
    if (this.#standsByItself) this.showMoment();
  }

  /** Stands at the moment that matters, at a speed at which one sees what happens next. */
  showMoment(): void {
    const { playback, recording, moment } = this;
    if (!playback || !recording || !moment) return;
    playback.halt();
    playback.setSpeed(speedFor(typicalLatency(recording)));
    playback.seek(moment.time);
    this.#changed();
  }

  /** Takes in events, so that none is missed while nothing is drawn. */
  follow(): void {
    this.residencies?.update();
  }

  /** Advances to the time for a frame; `now` is the screen's clock in milliseconds. */
  frame(now: number): void {
    const { playback } = this;
    this.#catchUp();
    if (!playback) return;
    const { leader } = this;
    if (leader) {
      const leading = leader.screen.playback;
      if (!leading) return;
      const { time, pace } = leader.partner(leading.time);
      playback.follow(leading, time, pace);
      return;
    }
    const wasLive = playback.live;
    playback.frame(now, this.#runTime());
    // If the user has moved or halted the picture, playback wasn't live any more.
    if (!wasLive || playback.live) return;
    if (this.#autoReplayPending) this.replayAll();
    else {
      // At its end there is nothing to see.
      this.#standsByItself = true;
      if (this.moment) this.showMoment();
    }
  }

  /** Follows the log for a while. */
  #catchUp(): void {
    const start = performance.now();
    while (this.residencies?.update(EVENTS_AT_ONCE)) {
      if (performance.now() - start > SLICE) return;
    }
    while (this.#finer?.update(EVENTS_AT_ONCE)) {
      if (performance.now() - start > SLICE) return;
    }
    this.#takeFiner();
  }

  /** Replaces the residencies by those with finer ticks, once these have followed the whole log. */
  #takeFiner(): void {
    if (!this.#finer || !this.recording || this.#finer.followed < this.recording.log.end) return;
    this.residencies = this.#finer;
    this.#finer = null;
  }

  /** Replays a short run slowly enough to watch, or a long one quickly: all of it in 10 to 20 seconds. */
  replayAll(): void {
    const { playback } = this;
    this.#autoReplayPending = false;
    if (!playback || playback.end <= playback.begin) return;
    playback.setSpeed(speedForAll(playback.end - playback.begin));
    playback.seek(playback.begin);
    playback.play();
    this.#changed();
    this.isAutoReplay = true;
  }

  /** Updates the text and gauges. */
  updateScene(): void {
    const { recording, residencies, playback } = this;
    if (!recording || !residencies || !playback) return;
    const { live, playing, speed, time, begin, end } = playback;
    const { log, snapshots, origin } = recording;
    // While the last dots arrive, the displayed time is that of the end.
    const shown = Math.min(time, Math.max(begin, end));
    const now = [
      ...[live, playing, speed, shown, begin, end, log.end, snapshots.at(-1)?.time, origin],
      residencies.followed,
    ];
    if (this.#sceneInputs.every((one, at) => one === now[at])) return;
    this.#sceneInputs = now;
    const all = sceneAt(recording, residencies, shown);
    const scene = this.isStepped ? withoutShares(all) : all;
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

  /** Renders the next pending update. Returns whether there was one. */
  updateNext(): boolean {
    const write = this.#pendingUpdates.shift();
    write?.();
    return write !== undefined;
  }

  /** Renders a scene immediately. */
  #showScene(scene: SceneState): void {
    this.#pendingUpdates = [];
    this.scene = scene;
    this.stages = scene.stages;
    this.channels = scene.channels;
  }

  /** Draws the picture again and returns its dots, except those fading at exits; for tests. */
  probe(): ProbedDot[] {
    const { drawn, residencies } = this;
    if (!drawn || !residencies) return [];
    const { moment, routes, renderer, pixels } = drawn;
    renderer.draw({ ...drawn, residencies, chosen: null });
    const [first, behind] = residencies.range(moment.time, moment.ramp);
    const dots: ProbedDot[] = [];
    for (let visit = first; visit < behind; visit += 1) {
      const dot = dotAt(residencies, visit, moment, routes);
      const what = residencies.word(visit, 3);
      const node = what & 0xff;
      if (!dot || node >= EXIT) continue;
      // The dot of a raw record is a ring, with nothing in its middle.
      const [x, y] = [dot.x + (dot.state === RECORD_STATE.raw ? dot.radius * 0.78 : 0), dot.y];
      const pixel = renderer.pixelAt(Math.floor(x * pixels), Math.floor(y * pixels));
      dots.push({
        ...{ time: moment.time, record: dot.record >>> 0, node, x: dot.x, y: dot.y },
        worker: (what >>> 8) & 0xffff,
        moving: dot.moving,
        drawn: (pixel[3] ?? 0) > 100,
      });
    }
    return dots;
  }

  #changed(): void {
    this.#standsByItself = false;
    this.steppedEvent = null;
    this.jumpNote = '';
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

  /** Switches to the next faster or slower speed. */
  changeSpeed(direction: 1 | -1): void {
    this.playback?.changeSpeed(direction);
    this.#changed();
  }

  /** Plays forwards or backwards; again in the same direction, faster. */
  shuttle(direction: 1 | -1): void {
    this.playback?.shuttle(direction);
    this.#changed();
  }

  /** Steps by one event about a record. */
  step(direction: 1 | -1): void {
    this.#stepTo(this.playback?.step(direction) ?? null);
  }

  /** Steps to the next or previous event that `isWanted`, by its index. */
  stepToEvent(direction: 1 | -1, isWanted: (index: number) => boolean): void {
    this.#stepTo(this.playback?.step(direction, isWanted) ?? null);
  }

  /** Steps by a little time, as seen on screen. */
  stepTime(direction: 1 | -1): void {
    this.playback?.stepTime(direction);
    this.#changed();
  }

  /**
   * Steps by one record: follows the one before or after the record that is followed, or goes to where the worker or
   * channel that is inspected takes the next one. Without a selection it goes to where the next record is produced.
   */
  stepRecord(direction: 1 | -1): void {
    const { recording, playback, chosen } = this;
    if (!recording || !playback) return;
    if (chosen === null) {
      this.#stepTo(playback.step(direction, takesRecord(recording, this.focus)));
      return;
    }
    const next = neighbourOf(recording, chosen, direction);
    if (next === null) return;
    playback.halt();
    this.chosen = next;
    const life = lifeOf(recording, next);
    const isInFlight = life && playback.time >= life.from && playback.time <= life.to;
    if (life && !isInFlight) playback.seek(life.from);
    this.#changed();
  }

  #stepTo(index: number | null): void {
    this.#changed();
    this.steppedEvent = index === null ? null : (this.recording?.log.at(index) ?? null);
  }

  /**
   * Stands at the next or previous moment of a kind. Events that haven't been read yet are read first, in slices.
   * Returns whether there is one; if not, the page says so.
   *
   * @param name what is jumped to, in words
   */
  async jump(kind: MomentKind, direction: 1 | -1, name: string, wanted?: Wanted): Promise<boolean> {
    const { recording, playback } = this;
    if (!recording || !playback) return false;
    const moments = momentsOf(recording);
    const isWanted = () => this.recording === recording;
    if (!(await inSlices(() => moments.catchUp(EVENTS_PER_STEP), isWanted))) return false;
    const moment = moments.next(kind, playback.time, direction, wanted);
    if (moment) {
      this.#stand(moment.time, eventOf(recording, moment));
      this.#tell(moment, recording);
    } else {
      this.steppedEvent = null;
      this.jumpNote = `There is no ${direction === 1 ? 'later' : 'earlier'} ${name}.`;
    }
    return moment !== null;
  }

  /** Says what was jumped to, where the event doesn't: it only ends the work on a record. */
  #tell({ kind, record, node, worker, time }: Moment, { topology }: Recording): void {
    const what = kind === 'failure' ? 'fails' : kind === 'anomaly' ? 'is an anomaly' : null;
    if (what === null) return;
    this.steppedEvent = null;
    const where = topology.workerName(node, worker);
    this.jumpNote = `${seconds(time / 1e9)}: #${record} ${what} (${where})`;
  }

  /** Stands at the next or previous mark. */
  jumpToMark(direction: 1 | -1): void {
    const mark = neighbourMark(this.marks, this.playback?.time ?? 0, direction);
    if (mark) this.#stand(mark.time, null);
  }

  /** Stands still at a time. */
  standAt(time: number): void {
    this.#stand(time, null);
  }

  #stand(time: number, index: number | null): void {
    this.playback?.halt();
    this.playback?.seek(time);
    this.#stepTo(index);
  }

  /** What a link says of what is on screen. Live, it isn't about a moment. */
  get linkedView(): LinkedView {
    const { playback, chosen, focus, timeline, marks } = this;
    if (!playback || !this.recording) return NO_VIEW;
    const place = focus && isLinkable(focus) ? { place: focus } : null;
    return {
      at: playback.live ? null : Math.round(playback.time),
      speed: playback.live ? 1 : playback.speed,
      selection: chosen === null ? place : { record: chosen },
      timeline: timeline && { from: Math.round(timeline.from), to: Math.round(timeline.to) },
      marks,
      ...{ digest: null, events: null, lesson: null, level: null },
    };
  }

  /** Shows what a link says, halted. */
  showView({ at, speed, selection, timeline, marks }: LinkedView): void {
    const { playback } = this;
    if (!playback) return;
    this.#autoReplayPending = false;
    this.letGo();
    if (selection && 'record' in selection) this.chosen = selection.record;
    else if (selection) this.focus = selection.place;
    this.timeline = timeline;
    this.marks = marks;
    if (at === null) return;
    playback.halt();
    playback.setSpeed(speed);
    playback.seek(at);
    this.#changed();
  }

  /** Marks the time on screen, or another one; a mark that is there gets the new text. */
  addMark(text: string, time = this.view.time): void {
    if (this.recording) this.marks = withMark(this.marks, { time: Math.round(time), text });
  }

  /** Removes the mark at a time. */
  removeMark(time: number): void {
    this.marks = withoutMark(this.marks, time);
  }

  /** Stands at the beginning, or at the end. */
  seekEnd(end: 'begin' | 'end'): void {
    const { playback } = this;
    if (!playback) return;
    playback.halt();
    playback.seek(end === 'begin' ? playback.begin : playback.end);
    this.#changed();
  }

  /**
   * Plays the recording slowly enough for the eye to follow: from its beginning or, if that would take too long, from
   * its middle, where everything is in motion.
   */
  replaySlowly(): void {
    const { playback, recording } = this;
    if (!playback || !recording) return;
    const { log } = recording;
    const speed = speedFor(typicalLatency(recording));
    playback.setSpeed(speed);
    const isShort = playback.end - playback.begin < MAX_REPLAY * speed;
    const middle = log.time(Math.floor((log.begin + log.end) / 2));
    playback.seek(isShort ? playback.begin : middle);
    playback.play();
    this.#changed();
  }

  /** Follows a record, chosen with a click or by number. Choosing it again stops following it. */
  choose(record: number | null): void {
    this.chosen = record === this.chosen ? null : record;
  }

  /** Follows a record, by its number. */
  followRecord(record: number): void {
    if (this.chosen !== record) this.choose(record);
  }

  /** Chooses nothing. */
  letGo(): void {
    this.chosen = null;
    this.focus = null;
  }

  inspect(focus: Focus | null): void {
    const same =
      focus?.channel === this.focus?.channel &&
      focus?.stage === this.focus?.stage &&
      JSON.stringify(focus) === JSON.stringify(this.focus);
    this.focus = same ? null : focus;
  }
}

/** Returns the index of the event at which a moment is; null if it is none. */
function eventOf({ log }: Recording, { time, node, record }: Moment): number | null {
  for (let index = log.indexAfter(time) - 1; index >= log.begin; index -= 1) {
    if (log.time(index) < time) return null;
    if (log.record(index) === record && log.node(index) === node) return index;
  }
  return null;
}

/** Returns the finest tick with which the whole recording fits into the graphics card's integers. */
function tickFor(recording: Recording): number {
  return Math.max(1, Math.ceil(recording.duration / 2 ** 30));
}

function residenciesOf(recording: Recording, tick: number): Residencies {
  const { log, topology } = recording;
  return new Residencies(log, topology, tick, maxVisitsFor(recording));
}

/** Returns how many visits a recording may have: about two for every three events. */
function maxVisitsFor({ origin, log }: Recording): number {
  let most = MAX_VISITS;
  if (origin !== 'live') while (most < log.length * 0.67 && most < MAX_VISITS * 8) most *= 2;
  return most;
}

function withoutShares(scene: SceneState): SceneState {
  return { ...scene, stages: scene.stages.map((stage) => ({ ...stage, shares: null })) };
}

function emptyScene({ workers, capacities }: PipelineSize): SceneState {
  return {
    ...{ time: 0, sample: 1, exact: true, metrics: null, before: null },
    stages: STANDARD.stages.map(({ node, id }, index) => ({
      ...{ node, id },
      workers: Array.from({ length: shownOf(workers[index] ?? 1) }, () => ({
        ...{ state: 'waiting' as const, record: null, held: 0, thread: null },
        ...{ blockedBy: null, progress: null },
      })),
      ...{
        shares: null,
        records: 0,
        rate: 0,
        finished: null,
        shelved: 0,
        count: workers[index] ?? 1,
      },
    })),
    channels: STANDARD.channels.map(({ node, id }, index) => ({
      ...{
        ...{ node, id },
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
