import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Engine } from './client';
import type { RunFailed } from './client';
import { UNRESPONSIVE, internalError } from './engine-failure';
import type { EngineFailure } from './engine-failure';
import type { FromWorker, RunResult, ToWorker } from './protocol';
import { servedEngine } from './served';
import { INTERVAL, MAX_SILENT_TICKS } from './watchdog';

/** A fake of the browser's workers, controlled by the test. */
class FakeWorker extends EventTarget {
  static all: FakeWorker[] = [];
  /** Whether new workers start their engine and answer. */
  static starts = true;
  /** Whether new workers answer at all. */
  static answers = true;
  answers = FakeWorker.answers;
  isEnded = false;
  readonly told: ToWorker[] = [];

  constructor() {
    super();
    FakeWorker.all.push(this);
    this.say({ type: 'loaded' });
  }

  static get last(): FakeWorker {
    const last = FakeWorker.all.at(-1);
    if (!last) throw new Error('no worker was started');
    return last;
  }

  say(message: FromWorker): void {
    void Promise.resolve().then(() => {
      if (!this.isEnded) this.dispatchEvent(new MessageEvent('message', { data: message }));
    });
  }

  postMessage(message: ToWorker): void {
    this.told.push(message);
    if (!this.answers) return;
    if (message.type === 'ping') this.say({ type: 'pong' });
    if (message.type === 'start' && FakeWorker.starts) {
      const engine = { kind: 'threads' as const, version: '0', threads: message.threads };
      this.say({ type: 'started', engine: { ...engine, defaults: {} as never } });
    }
  }

  terminate(): void {
    this.isEnded = true;
  }
}

const ticks = (count: number) => vi.advanceTimersByTimeAsync(count * INTERVAL);

beforeEach(() => {
  vi.useFakeTimers();
  FakeWorker.all = [];
  FakeWorker.starts = true;
  FakeWorker.answers = true;
  vi.stubGlobal('Worker', FakeWorker);
  vi.stubGlobal('navigator', { hardwareConcurrency: 2, storage: {} });
  vi.stubGlobal('document', { baseURI: 'http://localhost/', hidden: false });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function started() {
  const engine = new Engine(servedEngine());
  const broken: EngineFailure[] = [];
  const failed: EngineFailure[] = [];
  engine.onbroken = (failure) => broken.push(failure);
  engine.onfailed = (failure) => failed.push(failure);
  await engine.start();
  return { engine, broken, failed };
}

/** How a run ends. */
function endOf(finished: Promise<RunResult>): Promise<unknown> {
  return finished.then(
    () => 'finished',
    (error: unknown) => (error as RunFailed).failure,
  );
}

describe('an engine that stops answering', () => {
  test('is ended and started anew, and its run fails', async () => {
    const { engine, broken } = await started();
    const end = endOf(engine.run({}).finished);
    await ticks(100);
    const first = FakeWorker.last;
    first.answers = false;
    await ticks(MAX_SILENT_TICKS + 1);
    expect(await end).toEqual({ reason: 'engine', ...UNRESPONSIVE });
    expect(broken).toEqual([UNRESPONSIVE]);
    expect(first.isEnded).toBe(true);
    expect(FakeWorker.all).toHaveLength(2);

    const next = endOf(engine.run({}).finished);
    await ticks(1);
    FakeWorker.last.say({ type: 'finished' } as FromWorker);
    expect(await next).toBe('finished');
    expect(FakeWorker.all).toHaveLength(2);
  });

  test('is noticed when something is wanted of it, and not before', async () => {
    const { engine, broken } = await started();
    FakeWorker.last.answers = false;
    await ticks(100);
    expect(broken).toEqual([]);
    const check = engine.check({}).catch((error: unknown) => String(error));
    await ticks(MAX_SILENT_TICKS + 1);
    expect(await check).toBe('EngineEnded: The engine stopped. It stopped responding.');
  });

  test('is noticed while it reads a file', async () => {
    const { engine } = await started();
    FakeWorker.last.answers = false;
    const head = engine
      .readHead(new File([], ''), 1, { format: 'auto', encoding: 'auto', delimiter: '' })
      .catch((error: unknown) => String(error));
    await ticks(MAX_SILENT_TICKS + 1);
    expect(await head).toBe('EngineEnded: The engine stopped. It stopped responding.');
  });

  test('may be silent while it measures loops', async () => {
    const { engine, broken } = await started();
    FakeWorker.last.answers = false;
    const seconds = engine.measureLoop({});
    await ticks(1000);
    expect(broken).toEqual([]);
    FakeWorker.last.say({ type: 'loop-measured', seconds: 3 });
    expect(await seconds).toBe(3);
  });

  test('again and again is not started anew any more, until something is wanted', async () => {
    const { engine, broken, failed } = await started();
    for (let round = 0; round < 4; round += 1) {
      FakeWorker.last.answers = false;
      const check = engine.check({}).catch(() => undefined);
      await ticks(MAX_SILENT_TICKS + 1);
      await check;
    }
    expect(broken).toHaveLength(3);
    const message = 'The engine stopped for the 4th time within a minute. It stopped responding.';
    expect(failed).toEqual([{ message, details: null }]);
    expect(FakeWorker.all).toHaveLength(4);
    await engine.start();
    expect(FakeWorker.all).toHaveLength(5);
  });
});

describe('an engine', () => {
  test('that can’t check a configuration says so', async () => {
    const { engine } = await started();
    const check = engine.check({}).catch((error: unknown) => String(error));
    const { told } = FakeWorker.last;
    const { id } = told.find(({ type }) => type === 'request') as { id: number };
    FakeWorker.last.say({ type: 'refusal', id, message: 'unreachable' });
    expect(await check).toBe('Error: unreachable');
  });

  test('that can’t be started says so, and is not tried again and again', async () => {
    FakeWorker.starts = false;
    const engine = new Engine(servedEngine());
    const failed = vi.fn();
    engine.onfailed = failed;
    const start = engine.start().catch((error: unknown) => String(error));
    await ticks(100);
    expect(failed).not.toHaveBeenCalled();
    FakeWorker.last.say({ type: 'not-started', message: 'no memory' });
    expect(await start).toBe('Error: no memory');
    expect(failed).toHaveBeenCalledExactlyOnceWith({
      message: 'The engine could not be started.',
      details: 'no memory',
    });
    expect(FakeWorker.all).toHaveLength(1);
  });

  test('that is silent while it starts is replaced, and its successor does what it was asked for', async () => {
    FakeWorker.answers = false;
    const engine = new Engine(servedEngine());
    const failed = vi.fn();
    engine.onfailed = failed;
    const start = engine.start();
    const check = engine.check({ records: 5 });
    await ticks(3);
    const [first] = FakeWorker.all;
    const asked = first?.told.filter(({ type }) => type !== 'ping');
    expect(asked?.map(({ type }) => type)).toEqual(['start', 'request']);
    FakeWorker.answers = true;
    await ticks(5);
    expect(FakeWorker.all).toHaveLength(2);
    expect(first?.isEnded).toBe(true);
    expect(FakeWorker.last.told.slice(0, 2)).toEqual(asked);
    expect(await start).toMatchObject({ kind: 'threads' });
    FakeWorker.last.say({ type: 'answer', id: 0, answer: [] });
    expect(await check).toEqual([]);
    // Once it has started, it is asked for nothing twice.
    void engine.check({}).catch(() => undefined);
    await ticks(100);
    expect(FakeWorker.all).toHaveLength(2);
    expect(failed).not.toHaveBeenCalled();
  });

  test('that is silent however often it is started could not be started', async () => {
    FakeWorker.answers = false;
    const engine = new Engine(servedEngine());
    const failed = vi.fn();
    engine.onfailed = failed;
    engine.start().catch(() => undefined);
    await ticks(100);
    expect(FakeWorker.all).toHaveLength(3);
    expect(FakeWorker.all.every(({ isEnded }) => isEnded)).toBe(true);
    expect(failed).toHaveBeenCalledExactlyOnceWith({
      message: 'The engine could not be started.',
      details: UNRESPONSIVE.message,
    });
  });

  test('that breaks says why', async () => {
    const { engine, broken } = await started();
    const end = endOf(engine.run({}).finished);
    await ticks(1);
    const failure = internalError('unreachable');
    FakeWorker.last.say({ type: 'broken', ...failure });
    expect(await end).toMatchObject({ reason: 'engine', ...failure });
    expect(broken).toMatchObject([failure]);
  });
});

describe('abort', () => {
  test('ends a run whose engine does not answer', async () => {
    const { engine, broken } = await started();
    const run = engine.run({});
    const end = endOf(run.finished);
    await ticks(1);
    FakeWorker.last.answers = false;
    run.abort();
    await ticks(7);
    expect(await end).toEqual({ reason: 'aborted' });
    expect(broken).toHaveLength(1);
    expect(FakeWorker.all).toHaveLength(2);
  });

  test('ends one that has not even begun', async () => {
    const storage = { getDirectory: () => new Promise(() => undefined) };
    vi.stubGlobal('navigator', { hardwareConcurrency: 2, storage });
    const { engine, broken } = await started();
    const run = engine.run({});
    const end = endOf(run.finished);
    run.abort();
    await ticks(7);
    expect(await end).toEqual({ reason: 'aborted' });
    expect(broken).toEqual([]);
  });

  test('leaves an engine alone that answers', async () => {
    const { engine, broken } = await started();
    const run = engine.run({});
    const end = endOf(run.finished);
    await ticks(1);
    run.abort();
    FakeWorker.last.say({ type: 'failed', reason: 'aborted' });
    expect(await end).toMatchObject({ reason: 'aborted' });
    await ticks(100);
    expect(broken).toEqual([]);
    expect(FakeWorker.all).toHaveLength(1);
  });
});
