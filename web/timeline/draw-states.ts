// Draws states over time: rows of workers and threads, and the shares of a whole pool.

import { WORKER_STATES } from '../analysis/worker-state-machine';
import { NONE } from '../recording/event-log';
import { measuredShares, snapshotsWithin } from './measured';
import { Rects, toTime, toX } from './sheet';
import type { Sheet } from './sheet';
import type { StateTrack } from './step-track';
import { BLOCKED, BUSY, READY, RESTS, WAITING } from './timeline-data';
import type { TimelineData } from './timeline-data';

/** A span narrower than this, in CSS pixels, shares its pixels with its neighbours. */
const NARROW = 1.5;

/** The number of the record is left out of a span narrower than this, in CSS pixels. */
const NUMBERED = 26;

/** The least opacity of a pixel during which anything was done at all. */
const LEAST_SHARE = 0.45;

/** Where to draw: from one position to another, and from top to bottom. */
export interface Strip {
  from: number;
  to: number;
  y: number;
  height: number;
}

/** Draws a part of a track in which one span follows the other, each at least a pixel wide, or pixels of many spans. */
function walk(
  sheet: Sheet,
  track: StateTrack,
  strip: { from: number; to: number },
  rest: number,
  span: (index: number, from: number, to: number) => void,
  pixel: (from: number, to: number, sums: Float64Array, length: number) => void,
): void {
  const end = Math.min(strip.to, toX(sheet, sheet.until));
  const states = WORKER_STATES.length;
  const [before, sums] = [new Float64Array(states), new Float64Array(states)];
  let x = strip.from;
  let index = track.indexAt(toTime(sheet, x));
  if (index < track.begin) {
    if (track.length === 0) return;
    index = track.begin;
    x = Math.max(x, toX(sheet, track.time(index)));
  }
  while (x < end) {
    const spanEnd = Math.min(end, toX(sheet, track.until(index)));
    const begin = toX(sheet, track.time(index));
    if (spanEnd - Math.min(x, begin) >= NARROW || spanEnd >= end) {
      if (track.value(index) !== rest) span(index, Math.max(begin, strip.from - 2), spanEnd);
      x = spanEnd;
      index += 1;
      continue;
    }
    const next = Math.min(end, Math.floor(x + 1e-6) + 1);
    const [from, to] = [toTime(sheet, x), toTime(sheet, next)];
    const last = track.indexAt(to, index);
    track.sumsAt(from, before, index);
    track.sumsAt(to, sums, last);
    for (let state = 0; state < states; state += 1) {
      sums[state] = (sums[state] as number) - (before[state] as number);
    }
    pixel(x, next, sums, to - from);
    x = next;
    index = last;
  }
}

function fillOf({ palette }: Sheet, state: number, isPlain: boolean): CanvasPattern | string {
  if (state === READY) return isPlain ? palette.readyPlain : palette.ready;
  if (state === BLOCKED) return isPlain ? palette.blockedPlain : palette.blocked;
  return palette.busy;
}

/** A number to write into a span. */
interface Text {
  x: number;
  text: string;
}

/** Draws what a worker did. Rows too low for it have no numbers. */
export function drawWorker(sheet: Sheet, track: StateTrack, strip: Strip): void {
  const { y, height } = strip;
  const { context, palette, scale } = sheet;
  const rects = new Rects();
  const texts: Text[] = [];
  const isThin = height < 6;
  const gap = isThin ? 0 : 0.4;
  walk(
    sheet,
    track,
    strip,
    WAITING,
    (index, from, to) => {
      const state = track.value(index);
      rects.add(
        fillOf(sheet, state, isThin || to - from < 4),
        from + gap,
        y,
        Math.max(0.8, to - from - 2 * gap),
        isThin ? Math.max(0.6, height - 0.5) : height,
        isThin && state === READY ? 0.45 : 1,
      );
      const record = track.tag(index);
      if (height < 11 || state !== BUSY || record === NONE) return;
      const text = `#${record}`;
      if (to - from >= Math.max(NUMBERED, 7 + text.length * 5.3) * scale) {
        texts.push({ x: (from + to) / 2, text });
      }
    },
    (from, to, sums, length) => {
      const [busy = 0, ready = 0, blocked = 0] = sums;
      const state = blocked > busy && blocked > ready ? BLOCKED : ready > busy ? READY : BUSY;
      const share = Math.min(1, (busy + ready + blocked) / length);
      if (share === 0) return;
      rects.add(
        fillOf(sheet, state, true),
        from,
        y,
        to - from,
        isThin ? Math.max(0.6, height - 0.5) : height,
        LEAST_SHARE + (1 - LEAST_SHARE) * share * (isThin && state === READY ? 0.3 : 1),
      );
    },
  );
  rects.fill(context);
  if (texts.length === 0) return;
  const size = Math.min(10.5 * scale, height - 1);
  context.font = `500 semi-condensed ${size}px ${palette.font}`;
  context.textAlign = 'center';
  context.textBaseline = 'alphabetic';
  context.fillStyle = palette.onBusy;
  const baseline = y + height / 2 + size * 0.355;
  for (const { x, text } of texts) context.fillText(text, x, baseline);
}

/** Draws when a thread ran a task. */
export function drawThread(sheet: Sheet, track: StateTrack, strip: Strip): void {
  const rects = new Rects();
  const { y, height } = strip;
  const { busy } = sheet.palette;
  walk(
    sheet,
    track,
    strip,
    RESTS,
    (_, from, to) => {
      rects.add(busy, from, y, Math.max(0.8, to - from), height);
    },
    (from, to, [runs = 0], length) => {
      if (runs === 0) return;
      const share = LEAST_SHARE + (1 - LEAST_SHARE) * Math.min(1, runs / length);
      rects.add(busy, from, y, to - from, height, share);
    },
  );
  rects.fill(sheet.context);
}

/** How wide a column of shares is, in CSS pixels. */
const COLUMN = 2;

/** Draws how the workers of a pool, or threads, shared their time: busy at the bottom, then ready, then blocked. */
export function drawShares(sheet: Sheet, tracks: readonly StateTrack[], strip: Strip): void {
  if (tracks.length === 0) return;
  const rects = new Rects();
  const end = Math.min(strip.to, toX(sheet, sheet.until));
  const kinds = WORKER_STATES.length;
  const [before, after, sums] = [0, 1, 2].map(() => new Float64Array(kinds)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const indexes = tracks.map(() => -1);
  const first = Math.floor(strip.from / COLUMN) * COLUMN;
  for (let x = first; x < end; x += COLUMN) {
    const [from, to] = [toTime(sheet, x), Math.min(sheet.until, toTime(sheet, x + COLUMN))];
    sums.fill(0);
    let known = 0;
    for (let at = 0; at < tracks.length; at += 1) {
      const track = tracks[at] as StateTrack;
      const start = indexes[at] as number;
      const index = track.indexAt(from, start < track.begin ? track.begin : start);
      const last = track.indexAt(to, Math.max(index, track.begin));
      indexes[at] = last;
      if (index < track.begin) continue;
      known += 1;
      track.sumsAt(from, before, index);
      track.sumsAt(to, after, last);
      for (let kind = 0; kind < kinds; kind += 1) {
        sums[kind] = (sums[kind] as number) + (after[kind] as number) - (before[kind] as number);
      }
    }
    if (known > 0) {
      const whole = (to - from) * tracks.length;
      addShares(sheet, rects, { ...strip, from: x, to: Math.min(end, x + COLUMN) }, [
        (sums[BUSY] as number) / whole,
        (sums[READY] as number) / whole,
        (sums[BLOCKED] as number) / whole,
      ]);
    }
  }
  rects.fill(sheet.context);
}

function addShares(
  sheet: Sheet,
  rects: Rects,
  { from, to, y, height }: Strip,
  shares: readonly [number, number, number],
): void {
  let bottom = y + height;
  for (const [state, share] of shares.entries()) {
    const part = height * Math.min(1, share);
    if (part < 0.3) continue;
    bottom -= part;
    rects.add(fillOf(sheet, state, height < 5), from, bottom, to - from, part);
  }
}

/** Draws how a worker, or all workers of a stage, spent their time according to measurements. */
export function drawMeasured(
  sheet: Sheet,
  { recording }: TimelineData,
  stage: number,
  worker: number | null,
  strip: Strip,
): void {
  const rects = new Rects();
  const id = recording.topology.idOf(stage);
  const [first, behind] = snapshotsWithin(
    recording,
    toTime(sheet, strip.from),
    toTime(sheet, strip.to),
  );
  let before = recording.snapshots[first - 1];
  for (let index = first; index < behind; index += 1) {
    const now = recording.snapshots[index];
    if (!now) break;
    const [from, to] = [toX(sheet, before?.time ?? 0), toX(sheet, now.time)];
    // Several measurements in a pixel count as one.
    if (to - from < 1 && index < behind - 1) continue;
    const shares = measuredShares(now.metrics, before?.metrics, id, worker);
    before = now;
    if (!shares) continue;
    addShares(sheet, rects, { ...strip, from: Math.max(from, strip.from), to }, shares);
  }
  rects.fill(sheet.context);
}
