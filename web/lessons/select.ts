// What a lesson looks at, as it is written in its file: a stage, a channel, or `record:17`.

import type { Place } from '../recording/takes-record';
import { FIRST_CHANNEL } from '../recording/events';
import { STANDARD } from '../recording/topology';

/** Returns null for nothing. */
export function placeOf(text: string | null): { record: number } | { place: Place } | null {
  if (text === null) return null;
  const [, record] = /^record:(\d+)$/.exec(text) ?? [];
  if (record !== undefined) return { record: Number(record) };
  const channel = STANDARD.channels.findIndex(({ id }) => id === text);
  if (channel >= 0) return { place: { channel: FIRST_CHANNEL + channel } };
  const stage = STANDARD.stages.find(({ id }) => id === text);
  return stage ? { place: { stage: stage.node, worker: 0 } } : null;
}
