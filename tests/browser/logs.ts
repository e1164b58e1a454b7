// Event logs that the page's engine reads, for tests of what the page makes of them.

import type { Page } from '@playwright/test';
import { openLog } from '../../web/log-file/open';
import type { LoggedRun } from '../../web/log-file/open';
import type { LogContents } from '../../web/engine/protocol';
import { packedEvents } from '../../web/log-file/packed-events';
import type { Recording } from '../../web/recording/recording';
import type {} from './in-page';

/** Reads a log as the page does. Throws what the page would say. */
export async function readLog(page: Page, file: Uint8Array): Promise<LoggedRun> {
  const read = await page.evaluate(async (base64): Promise<Read> => {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    try {
      const log = await window.clearpipe.engine.openLog(new Blob([bytes]));
      const parts: bigint[][] = [];
      for (let words = await log.next(); words; words = await log.next()) {
        parts.push(Array.from(words));
      }
      log.close();
      return { contents: log.contents, parts };
    } catch (error) {
      return { message: (error as Error).message };
    }
  }, Buffer.from(file).toString('base64'));
  if ('message' in read) throw new Error(read.message);
  const parts = read.parts.map((words) => BigUint64Array.from(words));
  const run = await openLog({
    contents: read.contents,
    next: () => Promise.resolve(parts.shift() ?? null),
    close: () => undefined,
  });
  if (!run) throw new Error('it was given up');
  return run;
}

/** Returns a log of a recording as the first version wrote it. */
export function inFormat1(recording: Recording): Blob {
  const { config, kinds, topology } = recording;
  const header = { clearpipe_events: 1, kinds, topology: topology.data, config };
  return new Blob([`${JSON.stringify(header)}\n`, ...packedEvents(recording)]);
}

export async function bytesOf(file: Blob | Promise<Blob>): Promise<Buffer> {
  return Buffer.from(await (await file).arrayBuffer());
}

type Read = { contents: LogContents; parts: bigint[][] } | { message: string };
