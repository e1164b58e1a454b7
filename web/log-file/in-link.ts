// Event logs in links: a run on real threads goes a little differently each time, so a short one travels as it was.

import { MAX_LINKED_EVENTS } from '../recording/event-log';
import type { Recording } from '../recording/recording';
import { inSlices } from '../analysis/in-slices';
import { Bytes } from './bytes';
import { columnsOf } from './columns';
import { crc32 } from './crc32';
import { deflated, inflated } from './deflate';
import { anonymous, settingsOf } from './settings-of';
import { toLogFile } from './write';
import { tablesOf } from './tables';

/** How many characters of a link an event log may take, so that messengers and mail programs pass it on. */
export const MAX_IN_LINK = 8192;

/** How many events are summed up at a time. */
const BLOCK = 4096;

/** The most bytes that are unpacked: a link may be anybody's. */
const MAX_UNPACKED = 2 ** 20;

/**
 * Returns a recording for a link; null if it isn't whole, or too long. It has neither a value of a record nor the name of
 * a file, but the mapping of columns, as the settings of the link. Marks are elsewhere in the link.
 */
export async function toLinkText(recording: Recording): Promise<string | null> {
  const { log } = recording;
  if (log.dropped > 0 || log.length > MAX_LINKED_EVENTS) return null;
  const tables = tablesOf(recording, [], { withIds: false });
  const changes = tables.changes?.map((change) => ({
    ...change,
    config: anonymous(change.config),
  }));
  const settings = anonymous(settingsOf(recording.initialConfig));
  const file = await toLogFile(recording, changes ? { ...tables, changes } : tables, settings);
  const bytes = new Uint8Array(await file.arrayBuffer());
  // The first line of the file isn't compressed.
  const text = base64Of(await deflated(bytes, 'deflate'));
  return text.length <= MAX_IN_LINK ? text : null;
}

/**
 * Returns the event log of a link.
 *
 * @throws an error that says what is wrong with it
 */
export async function fromLinkText(text: string): Promise<Blob> {
  return new Blob([await inflated(bytesOf(text), MAX_UNPACKED)]);
}

/**
 * Returns a digest of what happened in a run: eight hexadecimal digits. Null if the log doesn't have all of it, or if the
 * run was stopped before its end.
 */
export async function digestOf({ log, finalMetrics }: Recording): Promise<string | null> {
  // What is dropped depends on how fast the page is.
  if (!finalMetrics || finalMetrics.stopped || finalMetrics.trace_dropped_records > 0) return null;
  if (log.begin > 0 || log.end === 0) return null;
  const sums = new Bytes();
  let next = 0;
  await inSlices(() => {
    const end = Math.min(log.end, next + BLOCK);
    sums.u32(crc32(columnsOf(log, next, end)));
    next = end;
    return next === log.end;
  });
  return crc32(sums.written).toString(16).padStart(8, '0');
}

/** Base64 for addresses, as of RFC 4648, section 5, without padding. */
function base64Of(bytes: Uint8Array): string {
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  return text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const decoded = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(decoded, (character) => character.charCodeAt(0));
}
