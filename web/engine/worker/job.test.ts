import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Metrics } from '../generated/Metrics';
import { Job } from './job';
import type { EngineModule, LoadedEngine } from './module';
import { FILE_NAMES } from './sinks';
import { fakeDirectory, fakeFile } from './testing';
import type { FakeOptions } from './testing';

const LINE = new TextEncoder().encode('{"id":"row-1"}\n');

/** An engine that writes a number of lines to the processed file, and none to the other one. */
function engineOf(lines: number, bytes = lines * LINE.length): LoadedEngine {
  const metrics = { processed_bytes: bytes, failed_bytes: 0, stages: [] as unknown } as Metrics;
  let left = lines;
  const run = {
    rings: () => [],
    takeIds: () => [],
    elapsed: () => 0,
    metrics: () => metrics,
    // The stages end before their last bytes are taken.
    finished: () => Promise.resolve(metrics),
    async nextProcessed() {
      await new Promise((later) => setTimeout(later));
      left -= 1;
      return left >= 0 ? LINE.slice() : undefined;
    },
    nextFailed: () => Promise.resolve(undefined),
    abort: () => undefined,
    free: () => undefined,
  };
  const module = {
    Run: function Run() {
      return run;
    },
  } as unknown as EngineModule;
  return { kind: 'single', module, memory: new WebAssembly.Memory({ initial: 1 }) };
}

/** Returns the outcome of a run that writes its processed records to this file. */
function runOn(options: FakeOptions, engine: LoadedEngine) {
  const files = {
    [FILE_NAMES.processed]: fakeFile(FILE_NAMES.processed, options).file,
    [FILE_NAMES.failed]: fakeFile(FILE_NAMES.failed, {}).file,
  };
  vi.stubGlobal('navigator', {
    storage: {
      getDirectory: () => Promise.resolve(fakeDirectory(files)),
      estimate: () => Promise.resolve({ usage: 1e6, quota: 1e6 }),
    },
  });
  const order = { config: {}, inputs: [], folder: ['x'], discard: false };
  const job = new Job(order, () => undefined);
  return job.run(engine).catch((error: unknown) => job.failureOf(error));
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('a run', () => {
  test('has the results that the engine has written', async () => {
    expect(await runOn({}, engineOf(3))).toMatchObject({
      storage: 'disk',
      processed: expect.objectContaining({ size: 3 * LINE.length }) as Blob,
    });
  });

  test.each([0, 1, 2])('fails if the browser refuses chunk %i of three', async (bad) => {
    const write = (call: number, length: number) => (call === bad ? 4_294_967_288 : length);
    expect(await runOn({ write }, engineOf(3))).toMatchObject({
      reason: 'run',
      message: expect.stringContaining('no more room on disk') as string,
    });
  });

  test('fails if the file does not have as many bytes as the engine has written', async () => {
    expect(await runOn({}, engineOf(3, 1000))).toMatchObject({
      reason: 'run',
      message: expect.stringMatching(/has 45 bytes, and the engine has written 1000/) as string,
    });
  });
});
