// What a lane shows at a time, in words: at its right edge, and in the table for those who don't see the lanes.

import { WORKER_STATES } from '../analysis/worker-state-machine';
import type { TimeWindow } from '../analysis/series';
import { count, percent } from '../format';
import { NONE } from '../recording/event-log';
import type { LaneContent } from './lanes';
import { measuredDepth, measuredShares } from './measured';
import { figuresAt } from '../analysis/figures-at';
import { rateAt } from './rate';
import type { StateTrack } from './step-track';
import { BLOCKED, BUSY, READY, RUNS } from './timeline-data';
import type { TimelineData } from './timeline-data';

export interface Reading {
  text: string;
  /** Whether it tells of pressure: full. */
  isPressure: boolean;
}

/** A row of the table: a lane. */
export interface Row {
  key: string;
  name: string;
  /** What it shows at the time on screen. */
  now: string;
  /** What it shows of the visible part. */
  within: string;
}

/** Returns how many records a channel held at a time, and how many it can; null if that isn't known. */
export function depthAt(
  data: TimelineData,
  channel: number,
  time: number,
): { depth: number; capacity: number } | null {
  const lane = data.channel(channel);
  if (lane && data.isExactAt(time)) {
    return { depth: lane.depth.at(time), capacity: lane.capacity };
  }
  return measuredDepth(data.recording, data.recording.topology.idOf(channel), time);
}

/** Formats records per second for the narrow column. */
export function shortRate(rate: number): string {
  if (rate >= 1e6) return `${(rate / 1e6).toPrecision(3)} M`;
  if (rate >= 1e4) return `${(rate / 1e3).toPrecision(3)} k`;
  return rate >= 100 ? count(rate) : rate.toFixed(1);
}

/** Returns what stands at the right edge of a lane; null for nothing. */
export function readingOf(
  data: TimelineData,
  content: LaneContent,
  time: number,
  rateLength: number,
): Reading | null {
  if (content.kind === 'rate') {
    const rate = rateNow(data, time, rateLength);
    return rate === null ? null : { text: shortRate(rate), isPressure: false };
  }
  if (content.kind === 'depth') {
    const found = depthAt(data, content.channel, time);
    if (!found) return null;
    const isFull = found.depth > 0 && found.depth >= found.capacity;
    return { text: `${isFull ? 'full ' : ''}${count(found.depth)}`, isPressure: isFull };
  }
  if (content.kind === 'pool' || content.kind === 'raster') {
    if (!data.isExactAt(time)) return null;
    const busy = statesAt(data, content.stage, time)[BUSY] ?? 0;
    return { text: `${count(busy)} busy`, isPressure: false };
  }
  return null;
}

/** Returns the records per second that the page tells of a time elsewhere, if it does: the curve depends on the zoom. */
function rateNow(data: TimelineData, time: number, length: number): number | null {
  return figuresAt(data.recording, time)?.rate ?? rateAt(data, time, length);
}

/** Returns how many workers of a stage were in each state. */
function statesAt(data: TimelineData, stage: number, time: number): number[] {
  const states = WORKER_STATES.map(() => 0);
  for (let worker = 0; worker < data.workersOf(stage); worker += 1) {
    const track = data.worker(stage, worker);
    const index = track?.indexAt(time) ?? -1;
    if (!track || index < track.begin) continue;
    const state = track.value(index);
    states[state] = (states[state] ?? 0) + 1;
  }
  return states;
}

/** Describes a lane: at a time, and within a window. */
export function describe(
  data: TimelineData,
  content: LaneContent,
  time: number,
  window: TimeWindow,
  rateLength: number,
): { now: string; within: string } {
  const to = Math.min(window.to, data.readUntil);
  const part = { from: Math.min(window.from, to), to };
  switch (content.kind) {
    case 'ends': {
      const [births, ends] = [data.births, data.ends].map((all) => all.between(part.from, part.to));
      return { now: '', within: `${count(births ?? 0)} born, ${count(ends ?? 0)} ended` };
    }
    case 'rate': {
      const rate = rateNow(data, time, rateLength);
      return { now: rate === null ? 'unknown' : shortRate(rate), within: '' };
    }
    case 'depth':
      return describeDepth(data, content.channel, time, part);
    case 'worker': {
      const track = data.worker(content.stage, content.worker);
      if (data.isExactAt(time) && track) {
        return { now: stateText(track, time), within: shareText(sumsOf([track], part)) };
      }
      return { now: '', within: measuredText(data, content.stage, content.worker, time) };
    }
    case 'pool':
    case 'raster': {
      if (!data.isExactAt(time)) {
        return { now: '', within: measuredText(data, content.stage, null, time) };
      }
      const states = statesAt(data, content.stage, time);
      const now = WORKER_STATES.map((state, index) => `${states[index] ?? 0} ${state}`);
      const tracks = Array.from({ length: data.workersOf(content.stage) }, (_, worker) =>
        data.worker(content.stage, worker),
      ).filter((track) => track !== undefined);
      return { now: now.join(', '), within: shareText(sumsOf(tracks, part)) };
    }
    case 'thread':
    case 'threads': {
      const tracks = content.kind === 'threads' ? data.threads : [data.threads[content.thread]];
      const known = tracks.filter((track) => track !== undefined);
      const running = known.filter((track) => track.length > 0 && track.at(time) === RUNS);
      const names = running.map((track) => taskName(data, track.tag(track.indexAt(time))));
      const [runs = 0] = sumsOf(known, part);
      const whole = (part.to - part.from) * known.length;
      return {
        now: names.length > 3 ? `${names.length} run` : names.join(', ') || 'idle',
        within: whole > 0 ? `${percent(runs / whole)} running` : '',
      };
    }
  }
}

function describeDepth(data: TimelineData, channel: number, time: number, part: TimeWindow) {
  const found = depthAt(data, channel, time);
  const now = found ? `${count(found.depth)} of ${count(found.capacity)}` : 'unknown';
  const lane = data.channel(channel);
  if (!lane || !data.isExactAt(part.from) || !data.isExactAt(part.to) || part.to <= part.from) {
    return { now, within: '' };
  }
  const [integral = 0, full = 0] = lane.depth.sumsBetween(part.from, part.to);
  const length = part.to - part.from;
  const mean = `${(integral / length).toFixed(1)} on average`;
  return { now, within: full > 0 ? `${mean}, full for ${percent(full / length)}` : mean };
}

/** Returns the name of a worker by its key. */
function taskName({ recording: { topology } }: TimelineData, key: number): string {
  const stage = Math.floor(key / 65536);
  return topology.isPool(stage) ? topology.workerName(stage, key % 65536) : topology.nameOf(stage);
}

function stateText(track: StateTrack, time: number): string {
  const index = track.indexAt(time);
  if (index < track.begin) return 'unknown';
  const state = WORKER_STATES[track.value(index)] ?? 'waiting';
  const record = track.tag(index);
  return record === NONE ? state : `${state}, record ${record}`;
}

function sumsOf(tracks: readonly StateTrack[], { from, to }: TimeWindow): Float64Array {
  const sums = new Float64Array(WORKER_STATES.length);
  for (const track of tracks) {
    for (const [state, sum] of track.sumsBetween(from, to).entries()) {
      sums[state] = (sums[state] as number) + sum;
    }
  }
  return sums;
}

function shareText(sums: Float64Array): string {
  const whole = sums.reduce((sum, one) => sum + one, 0);
  if (whole <= 0) return '';
  return [BUSY, READY, BLOCKED]
    .filter((state) => (sums[state] ?? 0) > 0 || state === BUSY)
    .map((state) => `${percent((sums[state] ?? 0) / whole)} ${WORKER_STATES[state] ?? ''}`)
    .join(', ');
}

/** Describes the last second according to measurements. */
function measuredText(
  { recording }: TimelineData,
  stage: number,
  worker: number | null,
  time: number,
): string {
  const now = recording.snapshotAt(time);
  if (!now) return 'unknown';
  const before = recording.snapshotAt(now.time - 1e9)?.metrics;
  const shares = measuredShares(now.metrics, before, recording.topology.idOf(stage), worker);
  if (!shares) return 'unknown';
  const [busy, , blocked] = shares;
  return `${percent(busy)} busy, ${percent(blocked)} blocked in the last second`;
}
