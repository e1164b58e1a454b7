// Draws births and ends of records, and how many end per second.

import { RECORD_STATE } from '../recording/residencies';
import type { Strip } from './draw-states';
import { rateAt } from './rate';
import { Rects, toTime, toX } from './sheet';
import type { Sheet } from './sheet';
import type { TimelineData } from './timeline-data';

/** With less space than this for each, in CSS pixels, ends are bars of shares rather than marks. */
const PER_MARK = 5;

/** How wide such a bar is. */
const BAR = 3;

/** Draws births as ticks above, and ends as marks below. */
export function drawEnds(sheet: Sheet, data: TimelineData, strip: Strip): void {
  drawBirths(sheet, data, strip);
  const { ends } = data;
  const end = Math.min(strip.to, toX(sheet, sheet.until));
  const [from, to] = [toTime(sheet, strip.from), toTime(sheet, end)];
  const [first, behind] = [ends.after(from), ends.after(to)];
  if ((behind - first) * PER_MARK > (end - strip.from) * 1.5) drawBars(sheet, data, strip, end);
  else drawMarks(sheet, data, strip, first, behind);
}

function drawBirths(sheet: Sheet, { births }: TimelineData, { from, to, y, height }: Strip): void {
  const rects = new Rects();
  const { ink } = sheet.palette;
  const end = Math.min(to, toX(sheet, sheet.until));
  let index = births.after(toTime(sheet, from));
  while (index < births.end) {
    const x = toX(sheet, births.time(index));
    if (x >= end) break;
    rects.add(ink, x - 0.5, y + 1, 1, height / 2 - 2);
    // One tick a pixel tells as much as several.
    const next = births.after(toTime(sheet, x + 1));
    index = Math.max(index + 1, next);
  }
  rects.fill(sheet.context);
}

function drawMarks(
  sheet: Sheet,
  { ends }: TimelineData,
  { y, height }: Strip,
  first: number,
  behind: number,
): void {
  const radius = Math.min(3.4 * sheet.scale, height * 0.17);
  for (let index = first; index < behind; index += 1) {
    drawMark(sheet, ends.kind(index), toX(sheet, ends.time(index)), y + height * 0.76, radius);
  }
}

/** Draws the mark of a record: a square if it was processed, a triangle if it is an anomaly, a cross if it failed. */
export function drawMark(
  { context, palette }: Sheet,
  state: number,
  x: number,
  y: number,
  radius: number,
): void {
  context.fillStyle = context.strokeStyle = palette.records[state] ?? palette.ink;
  context.beginPath();
  if (state === RECORD_STATE.failed) {
    context.lineWidth = radius * 0.55;
    context.moveTo(x - radius, y - radius);
    context.lineTo(x + radius, y + radius);
    context.moveTo(x - radius, y + radius);
    context.lineTo(x + radius, y - radius);
    context.stroke();
    return;
  }
  if (state === RECORD_STATE.anomaly) {
    context.moveTo(x, y - radius * 1.25);
    context.lineTo(x + radius * 1.2, y + radius);
    context.lineTo(x - radius * 1.2, y + radius);
  } else context.rect(x - radius * 0.9, y - radius * 0.9, radius * 1.8, radius * 1.8);
  context.fill();
}

/** The outcomes from bottom to top. */
const OUTCOMES = [RECORD_STATE.processed, RECORD_STATE.anomaly, RECORD_STATE.failed];

function drawBars(
  sheet: Sheet,
  { ends }: TimelineData,
  { from, y, height }: Strip,
  end: number,
): void {
  const rects = new Rects();
  const { records } = sheet.palette;
  const [top, full] = [y + height / 2 + 1, height / 2 - 2];
  for (let x = Math.floor(from / BAR) * BAR; x < end; x += BAR) {
    const [first, behind] = [ends.after(toTime(sheet, x)), ends.after(toTime(sheet, x + BAR))];
    const count = behind - first;
    if (count === 0) continue;
    // Of very many, a hundred tell the shares.
    const step = Math.max(1, Math.floor(count / 100));
    const found = [0, 0, 0];
    let looked = 0;
    for (let index = first; index < behind; index += step) {
      const outcome = OUTCOMES.indexOf(ends.kind(index) as (typeof OUTCOMES)[number]);
      found[outcome] = (found[outcome] ?? 0) + 1;
      looked += 1;
    }
    let bottom = top + full;
    for (const [outcome, state] of OUTCOMES.entries()) {
      const part = (full * (found[outcome] ?? 0)) / looked;
      if (part === 0) continue;
      bottom -= part;
      rects.add(records[state] ?? sheet.palette.ink, x, bottom, BAR - 0.5, Math.max(1, part));
    }
  }
  rects.fill(sheet.context);
}

/** The distance of the points of the line, in CSS pixels. */
const RATE_STEP = 2;

/**
 * Draws the records per second.
 *
 * @param length over how many nanoseconds each value is counted
 * @param most the value at the top
 */
export function drawRate(
  sheet: Sheet,
  data: TimelineData,
  strip: Strip,
  length: number,
  most: number,
): void {
  const { context, palette, scale } = sheet;
  const { y, height } = strip;
  const end = Math.min(strip.to, toX(sheet, knownUntil(sheet, data)));
  context.strokeStyle = palette.ink;
  context.lineWidth = 1.7 * scale;
  context.lineJoin = 'round';
  context.beginPath();
  let isDown = false;
  const first = Math.max(0, Math.floor(strip.from / RATE_STEP) * RATE_STEP - RATE_STEP);
  for (let x = first; ; x += RATE_STEP) {
    const at = Math.min(x, end);
    const rate = rateAt(data, toTime(sheet, at), length);
    const level = y + height - 1 - (height - 3) * Math.min(1, (rate ?? 0) / most);
    if (rate === null) isDown = false;
    else if (isDown) context.lineTo(at, level);
    else {
      context.moveTo(at, level);
      isDown = true;
    }
    if (x >= end) break;
  }
  context.stroke();
}

/** Returns up to when the rate is known: measurements may be ahead of the events read. */
function knownUntil({ until }: Sheet, { recording }: TimelineData): number {
  return Math.max(until, recording.snapshots.at(-1)?.time ?? 0);
}

/** Returns the largest rate within a window, for the scale. */
export function largestRate(sheet: Sheet, data: TimelineData, length: number): number {
  const end = Math.min(sheet.width, toX(sheet, knownUntil(sheet, data)));
  let most = 0;
  for (let x = 4; x <= end; x += 4) {
    const time = toTime(sheet, x);
    // At the beginning, a few records at once make a rate that never was.
    if (time >= length / 2) most = Math.max(most, rateAt(data, time, length) ?? 0);
  }
  return most;
}
