// Previews the first records of a file by running them on the engine, so the result is that of a real run.

import { RunFailed } from '../engine/client';
import type { Engine } from '../engine/client';
import type { Problem } from '../engine/problems';
import type { PartialConfig } from '../engine/partial';
import type { FileHead } from '../engine/protocol';
import { toPageProblem } from './hints';

/** The outcome of one record. */
export interface PreviewedRecord {
  line: number;
  /** As it is in the input. */
  raw: string;
  /** As it is written: usually one line. */
  written: WrittenLine[];
}

/** A line of a results file. */
export interface WrittenLine {
  /** Exactly as a run will write it, except for the time of processing if the clock is the system's. */
  text: string;
  /** Why the record failed, if it did. */
  error: string | null;
}

export type PreviewResult = { outcomes: PreviewedRecord[] } | { problems: Problem[] };

/**
 * Runs the first record alone, then the first two, and so on. The file that has grown shows the outcome of the last
 * one.
 *
 * @param isCurrent called before each run; if it returns false, the result is null
 */
export async function previewRecords(
  engine: Engine,
  config: PartialConfig,
  start: FileHead,
  isCurrent: () => boolean,
): Promise<PreviewResult | null> {
  const outcomes: PreviewedRecord[] = [];
  const { bytes, problem, table } = start;
  const blob = new Blob([bytes]);
  const before = { processed: 0, failed: 0 };
  // Also for a table without rows, whose header may not fit, and for what may be records in another encoding.
  const nothing = table !== null || problem !== null ? [{ line: 0, text: '' }] : [];
  const records = start.records.length > 0 ? start.records : nothing;
  for (const [at, { line, text: raw }] of records.entries()) {
    if (!isCurrent()) return null;
    try {
      const { processed, failed } = await engine.run(previewConfig(config, at + 1), {
        inputs: [{ name: null, blob }],
        preview: true,
      }).finished;
      const written = [
        ...(await linesBehind(failed, before.failed)),
        ...(await linesBehind(processed, before.processed)),
      ];
      Object.assign(before, { processed: processed.size, failed: failed.size });
      // Only a header; or a stray quote, which costs fewer lines once it is known which cells are values.
      if (written.length === 0) continue;
      outcomes.push({ line, raw, written });
    } catch (error) {
      if (error instanceof RunFailed && error.failure.reason === 'config') {
        return { problems: error.failure.problems.map(toPageProblem) };
      }
      // JSON that isn't JSON Lines, and is broken.
      if (error instanceof RunFailed && error.failure.reason === 'run') return { outcomes };
      throw error;
    }
  }
  return { outcomes };
}

/** Returns the lines of a file from an offset on. */
async function linesBehind(file: Blob, place: number): Promise<WrittenLine[]> {
  const lines = (await file.slice(place).text()).split('\n').slice(0, -1);
  return lines.map((text) => {
    const { error } = JSON.parse(text) as Record<string, unknown>;
    return { text, error: typeof error === 'string' ? error : null };
  });
}

/** Keeps everything that determines the result, and nothing that makes it slow. */
function previewConfig(config: PartialConfig, records: number): PartialConfig {
  return {
    ...config,
    input: {
      ...config.input,
      head: records,
      // The bytes are UTF-8 by now. What is invalid in the encoding of the file is invalid UTF-8 too.
      ...(config.input?.encoding !== undefined && { encoding: 'utf-8' }),
    },
    validator: { ...config.validator, workers: undefined },
    transformer: { ...config.transformer, workers: undefined },
    workers: 1,
    batch: '1',
    channels: undefined,
    service: undefined,
    generator: undefined,
    runtime: { kind: 'local' },
  };
}
