// The event logs that are being read. Reading one takes several requests, so that a long log neither has to fit into a
// message nor keeps the worker from answering.

import type { TopologyData } from '../../recording/topology';
import { visible } from '../../visible';
import { whyUnreadable } from '../engine-failure';
import { STANDARD } from '../generated/topology';
import type { PartialConfig } from '../partial';
import type { LogContents, OpenedLog } from '../protocol';
import type { EngineLogReader, EngineModule, SyncFile } from './module';

/** How many parts of a log, of a megabyte each, are read before other messages are looked at. */
const PARTS = 16;

export class Logs {
  /** By the numbers of the logs. */
  readonly #readers = new Map<number, EngineLogReader>();
  #nextLog = 0;

  /** Begins to read a log. */
  async open(module: Pick<EngineModule, 'LogReader'>, file: Blob): Promise<OpenedLog> {
    const reader = new module.LogReader(syncFile(file));
    const log = this.#nextLog;
    this.#nextLog += 1;
    this.#readers.set(log, reader);
    try {
      for (let part = 1; reader.scan(); part += 1) {
        if (part % PARTS === 0) await new Promise((next) => setTimeout(next));
      }
      return { log, contents: contentsOf(reader) };
    } catch (error) {
      this.close(log);
      throw error;
    }
  }

  /** Returns the next events of a log; null after the last one. */
  next(log: number): BigUint64Array<ArrayBuffer> | null {
    return this.#readers.get(log)?.nextEvents() ?? null;
  }

  close(log: number): null {
    this.#readers.get(log)?.free();
    this.#readers.delete(log);
    return null;
  }
}

/** Which parts of the first line there are, if it has been written by any version. */
interface FirstLine {
  kinds?: string[];
  topology?: TopologyData;
  config?: PartialConfig;
}

function contentsOf(reader: EngineLogReader): LogContents {
  const { events, cutOff, capacities: sizes } = reader;
  const { kinds = [], topology = STANDARD, config } = JSON.parse(reader.firstLine) as FirstLine;
  const capacities = topology.channels.map(({ id }, at): [string, number] => [id, sizes[at] ?? 0]);
  return {
    kinds: kinds.map(visible),
    topology,
    config: config ?? null,
    capacities: Object.fromEntries(capacities),
    events,
    cutOff,
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
