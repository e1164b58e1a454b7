import { expect, test } from 'vitest';
import { STANDARD } from '../../recording/topology';
import { makeTrace } from './trace';

test('a trace is made of whole events, piece by piece', async () => {
  let isFree = false;
  class ChromeTrace {
    readonly sample: number;
    constructor(topology: string, sample: number) {
      expect(JSON.parse(topology)).toEqual(STANDARD.data);
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
  const trace = await makeTrace({ ChromeTrace }, { topology: STANDARD.data, sample: 4, events });
  expect(await trace.text()).toBe('65536 events, 34464 events, one record in 4');
  expect(isFree).toBe(true);
});
