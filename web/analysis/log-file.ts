// Reads and writes event log files, as `clearpipe run --trace FILE` writes them. `crates/core/src/trace/log.rs`
// documents the format: a line of JSON, then 16 bytes per event.

import type { Config } from '../engine/generated/Config';
import { DEFAULT_CONFIG } from '../engine/generated/defaults';
import type { PartialConfig } from '../engine/partial';
import { EventLog, MAX_EVENTS, NONE, packed } from '../recording/event-log';
import { EVENT_KINDS, KIND, NODE } from '../recording/events';
import { withDefaults } from '../recording/merge';
import { Recording } from '../recording/recording';
import { STANDARD, Topology, problemOfTopology } from '../recording/topology';
import type { TopologyData } from '../recording/topology';
import { visible } from '../visible';
import { problemOfLogged } from './logged-config';

const VERSION = 1;
const EVENT_BYTES = 16;

/** A header is a few kilobytes. Without a line end by here, there is none. */
const MAX_HEADER = 2 ** 20;

/** How many events of a file are kept at most, about 90 MB. */
const MAX_FILE_EVENTS = 4 * MAX_EVENTS;

/** How many events are held back at most for reordering. Half of them are then taken as they are. */
const MAX_REORDERED = 2 ** 20;

export interface LogFile {
  recording: Recording;
  /** The file's own names of event kinds, indexed by kind. */
  kinds: string[];
  /** A problem with the file that didn't keep it from being read; null if there is none. */
  warning: string | null;
}

/** Why a file could not be read, in words for the user. */
export class UnreadableLog extends Error {}

const MAGIC = '{"clearpipe_events"';

/** Whether a file starts like an event log. */
export async function isLogFile(blob: Blob): Promise<boolean> {
  return (await blob.slice(0, MAGIC.length).text()) === MAGIC;
}

/**
 * Reads an event log file.
 *
 * @throws {UnreadableLog}
 */
export async function readLogFile(blob: Blob): Promise<LogFile> {
  const { config, kinds, topology, start } = await readHeader(blob);
  const events = Math.floor((blob.size - start) / EVENT_BYTES);
  let most = MAX_EVENTS;
  while (most < events && most < MAX_FILE_EVENTS) most *= 2;
  const recording = new Recording(config, 'file', new EventLog(most), topology);
  await readEvents(blob.slice(start, start + events * EVENT_BYTES), recording.log);
  recording.log.finish();

  const warnings: string[] = [];
  if ((blob.size - start) % EVENT_BYTES !== 0) {
    warnings.push(
      'The file ends in the middle of an event: it was not written or copied to its end. What is there is shown; copy it again for the rest.',
    );
  }
  if (recording.log.dropped > 0) {
    warnings.push(
      `The file has ${events.toLocaleString('en')} events; the last ${recording.log.length.toLocaleString('en')} are shown. With --trace-sample fewer records are traced, and the whole run fits.`,
    );
  }
  return { recording, kinds, warning: warnings.length > 0 ? warnings.join(' ') : null };
}

interface Header {
  config: Config;
  kinds: string[];
  topology: Topology;
  /** The offset of the first event. */
  start: number;
}

async function readHeader(blob: Blob): Promise<Header> {
  const bytes = new Uint8Array(await blob.slice(0, MAX_HEADER).arrayBuffer());
  const end = bytes.indexOf(0x0a);
  const text = new TextDecoder().decode(bytes.subarray(0, end < 0 ? 4096 : end));
  if (!text.startsWith(MAGIC)) {
    throw new UnreadableLog(
      'This is no event log of Clearpipe. `clearpipe run --trace run.events` writes one, and so does this page.',
    );
  }
  if (end < 0) {
    throw new UnreadableLog(
      'The file ends within its first line. Copy it again, or record it anew.',
    );
  }
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch {
    throw new UnreadableLog(
      'The first line of the file is damaged. Copy it again, or record it anew.',
    );
  }
  const { clearpipe_events, config: logged, kinds, topology } = header as Record<string, unknown>;
  if (clearpipe_events !== VERSION) {
    const other = typeof clearpipe_events === 'number' ? String(clearpipe_events) : 'unknown';
    throw new UnreadableLog(
      `The file has version ${other} of the format, and this page reads version ${VERSION}. Open it in the page of the Clearpipe that wrote it, or record it anew.`,
    );
  }
  if (typeof logged !== 'object' || logged === null || !('trace' in logged)) {
    throw new UnreadableLog('The first line of the file has no configuration. Record it anew.');
  }
  // An earlier version has fewer settings.
  const config = withDefaults(logged as PartialConfig, DEFAULT_CONFIG);
  const problem = problemOfLogged(config);
  if (problem !== null) {
    throw new UnreadableLog(
      `The first line of the file has a configuration that no run can have: ${problem}. Copy it again, or record it anew.`,
    );
  }
  const wrong = topology === undefined ? null : problemOfTopology(topology);
  if (wrong !== null) {
    throw new UnreadableLog(
      `The first line of the file has an impossible topology: ${wrong}. Copy it again, or record it anew.`,
    );
  }
  return {
    config,
    kinds: Array.isArray(kinds) ? kinds.map((kind) => visible(String(kind))) : [...EVENT_KINDS],
    // Logs of earlier versions have none.
    topology: topology === undefined ? STANDARD : new Topology(topology as TopologyData),
    start: end + 1,
  };
}

/**
 * Reads the events. Threads take turns: each round of writing has the events of one thread after those of another. What
 * a thread wrote in a round isn't older than anything before the previous round, so the order of that can be finalized.
 */
async function readEvents(blob: Blob, log: EventLog): Promise<void> {
  const buffer = new ReorderBuffer(log);
  let rest = new Uint8Array(0);
  // Not `for await`, which not all browsers support for streams.
  const reader = blob.stream().getReader();
  for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
    if (!value) continue;
    let bytes = value;
    if (rest.length > 0) {
      bytes = new Uint8Array(rest.length + value.length);
      bytes.set(rest);
      bytes.set(value, rest.length);
    }
    const whole = bytes.length - (bytes.length % EVENT_BYTES);
    // Copied into its own buffer, aligned for words.
    buffer.add(new BigUint64Array(bytes.slice(0, whole).buffer));
    rest = bytes.slice(whole);
  }
  buffer.flush(Infinity);
}

/** Holds back events until no older ones can follow. */
class ReorderBuffer {
  readonly #log: EventLog;
  #chunks: BigUint64Array[] = [];
  #events = 0;
  #thread = -1;
  /** The newest event of this round, of the last, and of the one before that. */
  #newest = [0, 0, 0];

  constructor(log: EventLog) {
    this.#log = log;
  }

  add(words: BigUint64Array): void {
    const halves = new Uint32Array(words.buffer);
    let from = 0;
    for (let event = 0; event < words.length / 2; event += 1) {
      const thread = (halves[4 * event + 2] as number) & 0xff;
      const time =
        (halves[4 * event + 1] as number) * 65536 + ((halves[4 * event] as number) >>> 16);
      if (thread < this.#thread) {
        this.#take(words.subarray(2 * from, 2 * event));
        from = event;
        const [now = 0, last = 0] = this.#newest;
        this.#newest = [now, now, last];
        if (this.#events > MAX_REORDERED / 16) this.flush(last);
      }
      this.#thread = thread;
      this.#newest[0] = Math.max(this.#newest[0] as number, time);
    }
    this.#take(words.subarray(2 * from));
    // A single thread has no rounds, and is in order.
    if (this.#events > MAX_REORDERED) this.flush(this.#newest[0] as number);
  }

  flush(until: number): void {
    const words = new BigUint64Array(2 * this.#events);
    let at = 0;
    for (const chunk of this.#chunks) {
      words.set(chunk, at);
      at += chunk.length;
    }
    this.#chunks = [];
    this.#events = 0;
    this.#log.add(words, until);
  }

  #take(words: BigUint64Array): void {
    if (words.length === 0) return;
    this.#chunks.push(words);
    this.#events += words.length / 2;
  }
}

/** Writes the events of a recording as a file, which this page can open, here or elsewhere. */
export function toLogFile(recording: Recording): Blob {
  const { config, topology } = recording;
  const { stages, channels } = topology.data;
  const header = {
    clearpipe_events: VERSION,
    places: Object.fromEntries(
      [...stages, ...channels].map(({ node, name }) => [node, name]),
    ) as Record<string, string>,
    kinds: EVENT_KINDS,
    topology: topology.data,
    config: {
      ...config,
      trace: {
        ...config.trace,
        enabled: true,
      },
    },
  };
  return new Blob([`${JSON.stringify(header)}\n`, ...packedEvents(recording)], {
    type: 'application/octet-stream',
  });
}

/** Returns the events of a recording in the format of a log file. */
export function packedEvents({ log }: Recording): BlobPart[] {
  const parts: BlobPart[] = [];
  // The event with the sampling rate may have been dropped.
  const halvings = log.halvings.at(log.firstTime);
  if (log.begin > 0 && halvings !== null && log.kind(log.begin) !== KIND.sampling) {
    const told = new EventLog(1);
    const event = { kind: KIND.sampling, node: NODE.producer, worker: halvings, thread: 255 };
    const record = Math.max(0, log.record(log.begin));
    told.add(new BigUint64Array(packed({ ...event, time: log.firstTime, record })), Infinity);
    told.finish();
    const halves = new Uint32Array(4);
    pack(told, 0, halves, 0);
    parts.push(halves);
  }
  const each = 2 ** 16;
  for (let from = log.begin; from < log.end; from += each) {
    const to = Math.min(log.end, from + each);
    const halves = new Uint32Array(4 * (to - from));
    for (let index = from; index < to; index += 1) pack(log, index, halves, 4 * (index - from));
    parts.push(halves);
  }
  return parts;
}

/** Packs an event as the engine does, without big integers, which would be slow. */
function pack(log: EventLog, index: number, into: Uint32Array, at: number): void {
  const time = log.time(index);
  const record = log.record(index);
  const [high, low] =
    record === NONE ? [0xffffffff, 0xff] : [Math.floor(record / 256), record % 256];
  into[at] = ((time % 65536) << 16) | (log.kind(index) << 8) | log.node(index);
  into[at + 1] = Math.floor(time / 65536);
  into[at + 2] = (low << 24) | (log.worker(index) << 8) | log.thread(index);
  into[at + 3] = high;
}
