// Draws how many records a channel holds: an area, hatched where it is full.

import { measuredDepth, snapshotsWithin } from './measured';
import { toTime, toX } from './sheet';
import type { Sheet } from './sheet';
import type { Strip } from './draw-states';
import { DEPTH_INTEGRAL, TIME_FULL } from './step-track';
import type { ChannelLane, TimelineData } from './timeline-data';

/** Times at which a channel is full are joined if less than this is between them, in CSS pixels. */
const JOINED = 2;

/** The outline of the depth, and where it is full. */
interface Outline {
  /** x, depth, and the largest depth there. */
  points: number[];
  full: [from: number, to: number][];
}

/** Draws the depth according to events. */
export function drawDepth(sheet: Sheet, lane: ChannelLane, strip: Strip): void {
  const { depth: track } = lane;
  const outline: Outline = { points: [], full: [] };
  const end = Math.min(strip.to, toX(sheet, sheet.until));
  const [before, sums] = [new Float64Array(2), new Float64Array(2)];
  let x = strip.from;
  let index = track.indexAt(toTime(sheet, x));
  if (index < track.begin) {
    // Nothing has arrived yet.
    const first = track.length > 0 ? toX(sheet, track.time(track.begin)) : Infinity;
    outline.points.push(x, 0, 0);
    if (first >= end) {
      outline.points.push(end, 0, 0);
      paint(sheet, outline, lane.capacity, strip);
      return;
    }
    outline.points.push(first, 0, 0);
    x = Math.max(x, first);
    index = track.begin;
  }
  while (x < end) {
    const stepEnd = Math.min(end, toX(sheet, track.until(index)));
    if (stepEnd - x >= 1 || stepEnd >= end) {
      const value = track.value(index);
      outline.points.push(x, value, value, stepEnd, value, value);
      if (track.tag(index) === 1) addFull(outline.full, x, stepEnd);
      x = stepEnd;
      index += 1;
      continue;
    }
    const next = Math.min(end, Math.floor(x + 1e-6) + 1);
    const [from, to] = [toTime(sheet, x), toTime(sheet, next)];
    const last = track.indexAt(to, index);
    track.sumsAt(from, before, index);
    track.sumsAt(to, sums, last);
    const length = to - from;
    const mean = ((sums[DEPTH_INTEGRAL] ?? 0) - (before[DEPTH_INTEGRAL] ?? 0)) / length;
    const most = track.maximum(index, last + 1);
    outline.points.push(x, mean, most, next, mean, most);
    if ((sums[TIME_FULL] ?? 0) - (before[TIME_FULL] ?? 0) > length / 2) {
      addFull(outline.full, x, next);
    }
    x = next;
    index = last;
  }
  paint(sheet, outline, lane.capacity, strip);
}

/** Draws the depth according to measurements. */
export function drawMeasuredDepth(
  sheet: Sheet,
  { recording }: TimelineData,
  channel: number,
  strip: Strip,
): void {
  const id = recording.topology.idOf(channel);
  const outline: Outline = { points: [], full: [] };
  let capacity = 1;
  const [first, behind] = snapshotsWithin(
    recording,
    toTime(sheet, strip.from),
    toTime(sheet, strip.to),
  );
  for (let index = Math.max(0, first - 1); index < behind; index += 1) {
    const snapshot = recording.snapshots[index];
    const measured = snapshot && measuredDepth(recording, id, snapshot.time);
    if (!measured) continue;
    const x = Math.max(strip.from, toX(sheet, snapshot.time));
    const last = outline.points.at(-3);
    if (last !== undefined && x - last < 1 && index < behind - 1) continue;
    const before = outline.points.at(-2) ?? measured.depth;
    outline.points.push(x, before, before, x, measured.depth, measured.depth);
    capacity = measured.capacity;
    const next = recording.snapshots[index + 1]?.time ?? snapshot.time;
    if (measured.depth >= capacity) addFull(outline.full, x, Math.min(strip.to, toX(sheet, next)));
  }
  if (outline.points.length > 0) paint(sheet, outline, capacity, strip);
}

function addFull(full: Outline['full'], from: number, to: number): void {
  const last = full.at(-1);
  if (last && from - last[1] < JOINED) last[1] = to;
  else full.push([from, to]);
}

function paint(sheet: Sheet, { points, full }: Outline, capacity: number, strip: Strip): void {
  const { context, palette } = sheet;
  const { y, height } = strip;
  const bottom = y + height - 1;
  const level = (depth: number) =>
    bottom - (height - 3) * Math.min(1, depth / Math.max(1, capacity));
  const trace = (offset: 1 | 2) => {
    for (let at = 0; at < points.length; at += 3) {
      const [px, py] = [points[at] as number, level(points[at + offset] as number)];
      if (at === 0) context.moveTo(px, py);
      else context.lineTo(px, py);
    }
  };
  const [first = 0, last = 0] = [points[0], points.at(-3)];

  context.globalAlpha = 0.55;
  context.fillStyle = palette.depth;
  context.beginPath();
  trace(1);
  context.lineTo(last, bottom);
  context.lineTo(first, bottom);
  context.fill();

  // The peaks, where many changes share a pixel.
  context.strokeStyle = palette.busy;
  context.lineWidth = 1;
  context.globalAlpha = 0.5;
  context.beginPath();
  for (let at = 0; at < points.length; at += 6) {
    const [mean, most] = [points[at + 1] as number, points[at + 2] as number];
    if (most <= mean) continue;
    const px = (points[at] as number) + 0.5;
    context.moveTo(px, level(mean));
    context.lineTo(px, level(most));
  }
  context.stroke();

  context.globalAlpha = 1;
  context.lineWidth = 1.3;
  context.beginPath();
  trace(1);
  context.stroke();

  context.fillStyle = palette.blocked;
  context.globalAlpha = height > 20 ? 0.9 : 1;
  for (const [from, to] of full) {
    context.fillRect(from, y + 2, Math.max(1, to - from), height - 3);
  }
  context.globalAlpha = 1;
}
