import { expect, test } from 'vitest';
import { STANDARD } from '../../recording/topology';
import { makeTrace } from './trace';

test('a trace is made of whole events, piece by piece', async () => {
  const stages: string[] = [];
  const senders: number[][] = [];
  let isFree = false;
  class TracedPipeline {
    addStage(node: number, name: string, isPool: boolean): void {
      stages.push(`${node} ${name}${isPool ? 's' : ''}`);
    }
    addChannel(_: number, __: string, from: Uint8Array): void {
      senders.push([...from]);
    }
  }
  class ChromeTrace {
    readonly sample: number;
    constructor(_: TracedPipeline, sample: number) {
      this.sample = sample;
    }
    add(events: Uint8Array): Uint8Array<ArrayBuffer> {
      expect(events.length % 16).toBe(0);
      return new TextEncoder().encode(`${events.length / 16} events, `);
    }
    finish(): Uint8Array<ArrayBuffer> {
      return new TextEncoder().encode(`one record in ${this.sample}`);
    }
    free(): void {
      isFree = true;
    }
  }
  const events = new Blob([new Uint8Array(16 * 100_000)]);
  const trace = await makeTrace(
    { TracedPipeline, ChromeTrace },
    { topology: STANDARD.data, sample: 4, events },
  );
  expect(await trace.text()).toBe('65536 events, 34464 events, one record in 4');
  expect(stages).toContain('1 Validators');
  expect(stages).toContain('4 Loader');
  expect(senders[3]).toEqual([1, 2]);
  expect(isFree).toBe(true);
});
