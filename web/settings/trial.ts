// What becomes of the first records of a file: the engine itself is asked, so the answer is that of a run.

import { RunFailed } from '../engine/client';
import type { Engine } from '../engine/client';
import type { Problem } from '../engine/problems';
import type { PartialConfig } from '../engine/protocol';
import { firstRecords } from './table-start';
import type { FileStart } from './table-start';

const RECORDS = 4;

/** What became of one record. */
export interface Outcome {
  line: number;
  /** As it stands in the file. */
  raw: string;
  /** As it is written: all its fields but the time of processing. */
  record: Record<string, unknown>;
  /** Why it failed, if it did. */
  error: string | null;
}

export type Trial = { outcomes: Outcome[] } | { problems: Problem[] };

/**
 * Runs the first record alone, then the first two, and so on: the file that has grown tells what became of the last.
 *
 * @param goOn asked before each run; null is the answer once it says no
 */
export async function tryRecords(
  engine: Engine,
  config: PartialConfig,
  start: FileStart,
  goOn: () => boolean,
): Promise<Trial | null> {
  const outcomes: Outcome[] = [];
  const records = firstRecords(start, RECORDS);
  const before = { processed: 0, failed: 0 };
  // Of a table without rows too: its header may not fit.
  if (records.length === 0 && start.table)
    records.push({ line: 0, start: 0, end: start.bytes.length });
  for (const { line, start: from, end } of records) {
    if (!goOn()) return null;
    try {
      const blob = new Blob([start.bytes.subarray(0, end)]);
      const { processed, failed } = await engine.run(trialConfig(config), {
        inputs: [{ name: null, blob }],
        trial: true,
      }).finished;
      const grown =
        processed.size > before.processed ? processed : failed.size > before.failed ? failed : null;
      // Only a header; or the end of a record was seen where the engine sees none.
      if (!grown) continue;
      const last = (await grown.text()).trimEnd().split('\n').at(-1) ?? '';
      Object.assign(before, { processed: processed.size, failed: failed.size });
      const record = JSON.parse(last) as Record<string, unknown>;
      const { error } = record;
      // The one is of no interest before there is a run; the other is told apart.
      delete record.processed_at;
      delete record.error;
      outcomes.push({
        line,
        raw: new TextDecoder().decode(start.bytes.subarray(from, end)).trim(),
        record,
        error: typeof error === 'string' ? error : null,
      });
    } catch (error) {
      if (error instanceof RunFailed && error.failure.reason === 'config') {
        return { problems: error.failure.problems };
      }
      throw error;
    }
  }
  return { outcomes };
}

/** Nothing but what decides about the result. */
function trialConfig({ input, validator, transformer }: PartialConfig): PartialConfig {
  return {
    input,
    validator: { ...validator, workers: undefined },
    transformer: { ...transformer, workers: undefined },
    workers: 1,
    batch: '1',
    runtime: { kind: 'local' },
  };
}
