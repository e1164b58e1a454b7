// Draws where one record was, over the lanes: the record that is chosen, and the one that is pointed at.

import { ledgerOf } from '../analysis/ledger';
import { KIND } from '../recording/events';
import { isChannel } from '../recording/topology';
import type { Lane } from './lanes';
import { toX } from './sheet';
import type { Sheet } from './sheet';
import { BUSY } from './timeline-data';
import type { TimelineData } from './timeline-data';

/** A stay of a record in a channel, or with a worker; times in nanoseconds. */
interface Stay {
  key: string;
  from: number;
  to: number;
  state: number;
}

/** Returns where a record was, by the key of the lane. */
export function staysOf(data: TimelineData, record: number): Stay[] {
  const { recording } = data;
  const { log, topology } = recording;
  const stays: Stay[] = [];
  const inChannel = new Map<number, number>();
  const seen = new Set<string>();
  const withWorker = (stage: number, worker: number, time: number) => {
    const track = data.worker(stage, worker);
    if (!track) return;
    let index = track.indexAt(time);
    if (index >= track.begin && track.tag(index) !== record && track.tag(index + 1) === record) {
      index += 1;
    }
    while (index > track.begin && track.tag(index - 1) === record) index -= 1;
    for (; index >= track.begin && index < track.end && track.tag(index) === record; index += 1) {
      const from = track.time(index);
      const key = `worker ${stage} ${worker}`;
      if (seen.has(`${key} ${from}`)) continue;
      seen.add(`${key} ${from}`);
      stays.push({ key, from, to: track.until(index), state: track.value(index) });
    }
  };
  for (const index of ledgerOf(recording).recordIndex.eventsOf(record)) {
    const [kind, node, time] = [log.kind(index), log.node(index), log.time(index)];
    if (!isChannel(node)) {
      withWorker(node, log.worker(index), time);
      continue;
    }
    if (kind === KIND.arrive) inChannel.set(node, time);
    if (kind !== KIND.depart) continue;
    const from = inChannel.get(node);
    if (from !== undefined) stays.push({ key: `channel ${node}`, from, to: time, state: BUSY });
    inChannel.delete(node);
    const receiver = topology.receiverOf(node);
    if (receiver !== undefined) withWorker(receiver, log.worker(index), time);
  }
  for (const [node, from] of inChannel) {
    stays.push({ key: `channel ${node}`, from, to: Infinity, state: BUSY });
  }
  return stays;
}

/** Returns the row of a worker within the lanes: a lane of its own, or a part of a raster. */
function placeOf(lanes: readonly Lane[], key: string): { y: number; height: number } | null {
  const lane = lanes.find((lane) => lane.key === key);
  if (lane) return lane;
  const [, stage, worker] = key.split(' ').map(Number);
  for (const { content, y, height } of lanes) {
    if (!key.startsWith('worker') || content.kind !== 'raster' || content.stage !== stage) continue;
    const row = height / content.workers;
    return { y: y + (worker ?? 0) * row, height: row };
  }
  return null;
}

/**
 * Draws the stays of a record.
 *
 * @param isChosen filled, and with its number, rather than outlined
 */
export function drawRecord(
  sheet: Sheet,
  data: TimelineData,
  lanes: readonly Lane[],
  record: number,
  isChosen: boolean,
): void {
  const { context, palette, scale } = sheet;
  const end = Math.min(sheet.width, toX(sheet, sheet.until));
  for (const { key, from, to, state } of staysOf(data, record)) {
    const place = placeOf(lanes, key);
    const [x, right] = [Math.max(-2, toX(sheet, from)), Math.min(end, toX(sheet, to))];
    if (!place || right < 0 || x > end) continue;
    const { y, height } = place;
    const width = Math.max(1.5, right - x - 0.8);
    context.fillStyle = context.strokeStyle = palette.ink;
    if (key.startsWith('channel')) {
      // What the channel held stays visible.
      context.fillRect(x, y + height - 3.5, width, 2.5);
    } else if (isChosen && state === BUSY) {
      context.fillRect(x + 0.4, y, width, height);
      const text = `#${record}`;
      if (height < 11 || width < Math.max(26, 7 + text.length * 5.6) * scale) continue;
      const size = Math.min(10.5 * scale, height - 1);
      context.font = `700 semi-condensed ${size}px ${palette.font}`;
      context.textAlign = 'center';
      context.fillStyle = palette.page;
      context.fillText(text, x + width / 2, y + height / 2 + size * 0.355);
    } else {
      context.lineWidth = 1.5;
      context.strokeRect(x + 0.75, y + 0.75, Math.max(0.5, width - 0.7), height - 1.5);
    }
  }
  drawMoments(sheet, data, lanes, record, end);
}

/** Draws the birth and the end of a record longer than those of others. */
function drawMoments(
  sheet: Sheet,
  { births, ends }: TimelineData,
  lanes: readonly Lane[],
  record: number,
  end: number,
): void {
  const lane = lanes.find(({ content }) => content.kind === 'ends');
  if (!lane) return;
  const { context, palette } = sheet;
  context.fillStyle = palette.ink;
  for (const track of [births, ends]) {
    const found = findRecord(track, record, sheet);
    if (found === null || found < 0 || found > end) continue;
    context.fillRect(found - 1, lane.y, 2, lane.height - 1);
  }
}

/** Returns the position of a record's point within the window; null if there is none. */
function findRecord(track: TimelineData['births'], record: number, sheet: Sheet): number | null {
  const { from, to } = sheet.window;
  const [first, behind] = [track.after(from), track.after(to)];
  // Of so many, one couldn't be told from the next.
  if (behind - first > 5000) return null;
  for (let index = first; index < behind; index += 1) {
    if (track.record(index) === record) return toX(sheet, track.time(index));
  }
  return null;
}
