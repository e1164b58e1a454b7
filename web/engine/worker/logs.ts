// The event logs that are being read. Reading one takes several requests, so that a long log neither has to fit into a
// message nor keeps the worker from answering.

import type { TopologyData } from '../../recording/topology';
import { visible } from '../../visible';
import { whyUnreadable } from '../engine-failure';
import { STANDARD } from '../generated/topology';
import type { PartialConfig } from '../partial';
import type { LogContents, LogSession, PartOfRun } from '../protocol';
import type { EngineLogReader, EngineModule, SyncFile } from './module';

/** How many blocks of a log are scanned for one answer. */
const MAX_BLOCKS = 16;

export class Logs {
  /** By the numbers of the logs. */
  readonly #readers = new Map<number, EngineLogReader>();
  #nextLog = 0;

  /** Reads the first line of a log. */
  open(module: Pick<EngineModule, 'LogReader'>, file: Blob): LogSession {
    const reader = new module.LogReader(syncFile(file));
    const log = this.#nextLog;
    this.#nextLog += 1;
    this.#readers.set(log, reader);
    return { log, contents: contentsOf(reader) };
  }

  /** Returns the next events of a log, none if it must be asked again; null after the last one. */
  next(log: number): BigUint64Array<ArrayBuffer> | null {
    const reader = this.#readers.get(log);
    if (!reader) return null;
    for (let blocks = 0; blocks < MAX_BLOCKS; blocks += 1) {
      if (!reader.scan()) return reader.nextEvents() ?? null;
    }
    return new BigUint64Array(0);
  }

  close(log: number): null {
    const reader = this.#readers.get(log);
    this.#readers.delete(log);
    reader?.free();
    return null;
  }
}

/** Which parts of the first line there are, if it has been written by any version. */
interface FirstLine {
  kinds?: string[] | null;
  topology?: TopologyData;
  config?: PartialConfig;
  part?: PartOfRun;
}

function contentsOf(reader: EngineLogReader): LogContents {
  const { events, warning = null, tables = null, capacities: sizes } = reader;
  const { kinds, topology = STANDARD, config, part } = JSON.parse(reader.firstLine) as FirstLine;
  const capacities = topology.channels.map(({ id }, at): [string, number] => [id, sizes[at] ?? 0]);
  return {
    kinds: (kinds ?? []).map(visible),
    topology,
    config: config ?? null,
    capacities: Object.fromEntries(capacities),
    events,
    part: part ?? null,
    tables,
    warning,
  };
}

function syncFile(file: Blob): SyncFile {
  const reader = new FileReaderSync();
  return {
    size: file.size,
    read(from, to) {
      try {
        return new Uint8Array(reader.readAsArrayBuffer(file.slice(from, to)));
      } catch (error) {
        throw new Error(whyUnreadable(error), { cause: error });
      }
    },
  };
}
