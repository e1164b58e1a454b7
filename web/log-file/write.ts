// Writes event log files, as `clearpipe run --trace FILE` does. `crates/core/src/trace/log.rs` describes the format. A
// file of the page has no key frames, so a reader works out the state at a time from the events before it.

import type { PartOfRun } from '../engine/protocol';
import type { EventLog } from '../recording/event-log';
import type { Recording } from '../recording/recording';
import { STANDARD } from '../recording/topology';
import type { Topology } from '../recording/topology';
import { VERSION } from '../engine/generated/topology';
import { Bytes } from './bytes';
import { columnsOf } from './columns';
import { crc32 } from './crc32';
import { deflated } from './deflate';
import { settingsOf } from './settings-of';
import type { LogTables } from './tables';

const FORMAT = 2;

/** The most bytes of tables, and the most values in them, roughly. */
const [MAX_TABLES, MAX_VALUES] = [8 * 2 ** 20, 2 ** 20];

/** The most events in a block, and the most blocks in a part of the index. */
const [BLOCK, INDEX] = [4096, 1024];

/**
 * Writes the events of a recording as a file, which this page and the command can open. All of the recording is taken at
 * once: it may go on while it is compressed.
 *
 * @param tables what it says of the run besides its events
 * @param settings what it says of the settings that the run began with
 */
export async function toLogFile(
  recording: Recording,
  tables: LogTables = {},
  settings = settingsOf(recording.initialConfig),
): Promise<Blob> {
  const { kinds, topology, log } = recording;
  const line = `${JSON.stringify({
    clearpipe_events: FORMAT,
    version: VERSION,
    kinds,
    ...(isStandard(topology) ? {} : { topology: topology.data }),
    ...partOf(recording),
    config: settings,
  })}\n`;
  const blocks = blocksOf(log);
  const json = tablesText(tables);

  const file = new Writer();
  const first = new TextEncoder().encode(line);
  file.add(first);
  file.add(
    written((bytes) => {
      bytes.u32(crc32(first));
    }),
  );
  for (const block of blocks) await file.addBlock(block);
  file.addIndex();
  await file.addTables(new TextEncoder().encode(json));
  file.addEnd();
  return new Blob(file.parts, { type: 'application/octet-stream' });
}

/** Without a topology, a log is about the usual pipeline. */
const isStandard = ({ data }: Topology): boolean =>
  JSON.stringify(data) === JSON.stringify(STANDARD.data);

/** Events that are compressed together. */
interface Block {
  columns: Uint8Array<ArrayBuffer>;
  events: number;
  /** The times of the first and the last event, in nanoseconds. */
  first: number;
  last: number;
}

function blocksOf(log: EventLog): Block[] {
  const blocks: Block[] = [];
  for (let from = log.begin; from < log.end; from += BLOCK) {
    const to = Math.min(log.end, from + BLOCK);
    const [first, last] = [log.time(from), log.time(to - 1)];
    blocks.push({ columns: columnsOf(log, from, to), events: to - from, first, last });
  }
  return blocks;
}

/** Returns tables as JSON, without what would make them larger than a reader accepts. */
function tablesText(tables: LogTables): string {
  const { changes, final, marks, metrics } = tables;
  const attempts = [tables, { changes, metrics, final, marks }, { changes, final, marks }];
  return attempts.map((some) => JSON.stringify(some)).find(isSmallEnough) ?? '{}';
}

/** Whether tables are small enough for a log to have all of them. */
export const fits = (tables: LogTables): boolean => isSmallEnough(JSON.stringify(tables));

const isSmallEnough = (json: string): boolean =>
  new TextEncoder().encode(json).length <= MAX_TABLES && json.split(',').length <= MAX_VALUES;

/** Says which part of its run a recording has, if it doesn't have the whole run. */
function partOf({ log }: Recording): { part?: PartOfRun } {
  if (!log.part && log.dropped === 0) return {};
  const [from_ns, to_ns] = [log.firstTime, log.lastTime];
  const halvings = log.halvings.at(log.oldestTime) ?? 0;
  const events_after = log.part?.eventsAfter ?? 0;
  return { part: { from_ns, to_ns, events_before: log.begin, events_after, halvings } };
}

/** A block in the index. */
interface Entry {
  at: number;
  events: number;
  first: number;
  last: number;
}

class Writer {
  readonly parts: Uint8Array<ArrayBuffer>[] = [];
  #at = 0;
  /** The blocks since the last part of the index, and where that is. */
  #entries: Entry[] = [];
  #index = 0;

  add(bytes: Uint8Array<ArrayBuffer>): void {
    this.parts.push(bytes);
    this.#at += bytes.length;
  }

  async addBlock({ columns: raw, events, first, last }: Block): Promise<void> {
    const columns = await deflated(raw, 'deflate-raw');
    this.#entries.push({ at: this.#at, events, first, last });
    const header = written((bytes) => {
      bytes.ascii('blk2');
      // No key frame.
      bytes.u32(0);
      bytes.u32(columns.length);
      bytes.u32(events);
      bytes.u64(first);
      bytes.u64(last);
      bytes.u32(crc32(columns));
      bytes.u32(crc32(bytes.written));
    });
    this.add(header);
    this.add(columns);
    if (this.#entries.length === INDEX) this.addIndex();
  }

  addIndex(): void {
    const at = this.#at;
    this.add(
      written((bytes) => {
        bytes.ascii('idx2');
        bytes.u32(this.#entries.length);
        for (const { at, events, first, last } of this.#entries) {
          bytes.u64(at);
          bytes.u32(events);
          bytes.u64(first);
          bytes.u64(last);
        }
        bytes.u64(this.#index);
        bytes.u32(crc32(bytes.written));
      }),
    );
    this.#index = at;
    this.#entries = [];
  }

  async addTables(json: Uint8Array<ArrayBuffer>): Promise<void> {
    const compressed = await deflated(json, 'deflate-raw');
    this.add(
      written((bytes) => {
        bytes.ascii('tbl2');
        bytes.u32(compressed.length);
        bytes.u32(json.length);
        bytes.u32(crc32(compressed));
        bytes.u32(crc32(bytes.written));
      }),
    );
    this.add(compressed);
  }

  addEnd(): void {
    this.add(
      written((bytes) => {
        bytes.u64(this.#index);
        bytes.u32(crc32(bytes.written));
        bytes.ascii('end\n');
      }),
    );
  }
}

function written(write: (bytes: Bytes) => void): Uint8Array<ArrayBuffer> {
  const bytes = new Bytes();
  write(bytes);
  return bytes.written;
}
