import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { INTERVAL, MAX_SILENT_TICKS, Watchdog, afterTicks } from './watchdog';

/** A watched worker, and the pings it gets. */
class FakeWorker {
  awaited = true;
  answers = true;
  asked = 0;
  readonly onsilent = vi.fn();
  readonly dog: Watchdog = new Watchdog({
    isAwaited: () => this.awaited,
    patience: () => MAX_SILENT_TICKS,
    ping: () => {
      this.asked += 1;
      if (this.answers) this.dog.heard();
    },
    onsilent: this.onsilent,
  });
}

const ticks = (count: number) => vi.advanceTimersByTime(count * INTERVAL);

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('a worker', () => {
  test('that answers is asked again and again, and left alone', () => {
    const worker = new FakeWorker();
    ticks(1000);
    expect(worker.asked).toBe(1000);
    expect(worker.onsilent).not.toHaveBeenCalled();
  });

  test('that stops answering is given up, once, within seconds', () => {
    const worker = new FakeWorker();
    ticks(10);
    worker.answers = false;
    ticks(MAX_SILENT_TICKS);
    expect(worker.onsilent).not.toHaveBeenCalled();
    ticks(1);
    expect(worker.onsilent).toHaveBeenCalledOnce();
    ticks(1000);
    expect(worker.onsilent).toHaveBeenCalledOnce();
    expect((MAX_SILENT_TICKS + 1) * INTERVAL).toBeLessThan(10_000);
  });

  test('that answers late is given time anew', () => {
    const worker = new FakeWorker();
    worker.answers = false;
    for (let round = 0; round < 100; round += 1) {
      ticks(MAX_SILENT_TICKS);
      // Any message is a sign of life: a report, events.
      worker.dog.heard();
    }
    expect(worker.onsilent).not.toHaveBeenCalled();
  });

  test('of which nothing is expected may be silent: it is measuring, or idle', () => {
    const worker = new FakeWorker();
    worker.answers = false;
    ticks(MAX_SILENT_TICKS - 1);
    worker.awaited = false;
    ticks(1000);
    worker.awaited = true;
    ticks(MAX_SILENT_TICKS);
    expect(worker.onsilent).not.toHaveBeenCalled();
    ticks(1);
    expect(worker.onsilent).toHaveBeenCalledOnce();
  });
});

describe('a page', () => {
  test('that is hidden gives nobody up, and does so when it is seen again', () => {
    const page = { hidden: true };
    vi.stubGlobal('document', page);
    const worker = new FakeWorker();
    worker.answers = false;
    ticks(1000);
    expect(worker.onsilent).not.toHaveBeenCalled();
    page.hidden = false;
    ticks(MAX_SILENT_TICKS);
    expect(worker.onsilent).toHaveBeenCalledOnce();
  });

  test('that was stopped for an hour hears first what has been said meanwhile', () => {
    const worker = new FakeWorker();
    worker.answers = false;
    ticks(MAX_SILENT_TICKS);
    // The tick is late, and the worker's message is read only after it.
    const now = performance.now();
    vi.spyOn(performance, 'now').mockImplementation(() => now + 3_600_000);
    ticks(1);
    expect(worker.onsilent).not.toHaveBeenCalled();
    worker.dog.heard();
    worker.answers = true;
    vi.restoreAllMocks();
    ticks(1000);
    expect(worker.onsilent).not.toHaveBeenCalled();
  });
});

describe('afterLooks', () => {
  test('acts once, or not at all if it is stopped', () => {
    const action = vi.fn();
    afterTicks(3, action);
    ticks(2);
    expect(action).not.toHaveBeenCalled();
    ticks(10);
    expect(action).toHaveBeenCalledOnce();
    const stop = afterTicks(3, action);
    ticks(2);
    stop();
    ticks(10);
    expect(action).toHaveBeenCalledOnce();
  });
});
