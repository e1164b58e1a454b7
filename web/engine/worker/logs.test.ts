import { afterEach, expect, test, vi } from 'vitest';
import { STANDARD } from '../generated/topology';
import { Logs } from './logs';
import type { EngineLogReader, SyncFile } from './module';

vi.stubGlobal('FileReaderSync', vi.fn());

/** Stands in for the engine's reader: a log of so many blocks, with two events in each. */
class FakeReader implements EngineLogReader {
  static all: FakeReader[] = [];
  static firstLine = '{"clearpipe_events":1}';
  static blocks = 0;
  readonly firstLine = FakeReader.firstLine;
  readonly capacities = Uint32Array.from(STANDARD.channels, (_, at) => at + 1);
  readonly events = 2 * FakeReader.blocks;
  readonly tables = '{}';
  readonly warning = 'it is cut off';
  isFree = false;
  #unscanned = FakeReader.blocks;
  #unread = FakeReader.blocks;

  constructor(file: SyncFile) {
    if (file.size === 0) throw new Error('it is not an event log');
    FakeReader.all.push(this);
  }

  scan(): boolean {
    this.#unscanned = Math.max(0, this.#unscanned - 1);
    return this.#unscanned > 0;
  }

  nextEvents(): BigUint64Array<ArrayBuffer> | undefined {
    if (this.#unscanned > 0) throw new Error('it has not been scanned');
    this.#unread -= 1;
    return this.#unread >= 0 ? new BigUint64Array(4) : undefined;
  }

  free(): void {
    this.isFree = true;
  }
}

const module = { LogReader: FakeReader };

afterEach(() => {
  FakeReader.all = [];
  FakeReader.firstLine = '{"clearpipe_events":1}';
  FakeReader.blocks = 0;
});

test('a long log is scanned in several answers, and then read', () => {
  FakeReader.blocks = 40;
  const logs = new Logs();
  const { log } = logs.open(module, new Blob(['x']));
  const lengths: number[] = [];
  for (let words = logs.next(log); words; words = logs.next(log)) lengths.push(words.length);
  expect(lengths).toEqual([0, 0, ...Array.from({ length: 40 }, () => 4)]);
});

test('what a log doesn’t say is the default', () => {
  const capacities = { dataCh: 1, validCh: 2, metricsCh: 7 };
  for (const line of ['{}', '{"kinds":null}']) {
    FakeReader.firstLine = line;
    const { contents } = new Logs().open(module, new Blob(['x']));
    expect(contents).toMatchObject({
      kinds: [],
      topology: STANDARD,
      config: null,
      tables: '{}',
      warning: 'it is cut off',
    });
    expect(contents.capacities).toMatchObject(capacities);
  }
  FakeReader.firstLine = '{"kinds":["a\\u202e"],"config":{"workers":2}}';
  const { contents } = new Logs().open(module, new Blob(['x']));
  expect(contents).toMatchObject({ kinds: ['a\\u{202e}'], config: { workers: 2 } });
});

test('a closed log is freed, and has no more events', () => {
  FakeReader.blocks = 2;
  const logs = new Logs();
  const first = logs.open(module, new Blob(['x'])).log;
  const second = logs.open(module, new Blob(['x'])).log;
  logs.close(first);
  logs.close(first);
  expect(FakeReader.all.map(({ isFree }) => isFree)).toEqual([true, false]);
  expect(logs.next(first)).toBeNull();
  expect(logs.next(second)).toHaveLength(4);
  expect(() => logs.open(module, new Blob([]))).toThrow('it is not an event log');
});
