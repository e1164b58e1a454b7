import { expect, test } from 'vitest';
import vectors from '../../tests/vectors/logged-topologies.json';
import { CHANNELS, FIRST_CHANNEL, KIND, KIND_NAMES, PLACE, STAGES, STAGE_NAMES } from './events';
import { STANDARD, Topology, problemOfTopology } from './topology';

test.each(vectors)('$problem: $topology', ({ topology, problem }) => {
  expect(problemOfTopology(topology)).toBe(problem);
});

test('stages and channels are at the places that their index says', () => {
  expect(problemOfTopology(STANDARD.data)).toBeNull();
  STAGES.forEach((stage, index) => {
    expect(PLACE[stage]).toBe(index);
    expect(STANDARD.nameOf(index)).toBe(STAGE_NAMES[stage]);
  });
  CHANNELS.forEach((channel, index) => {
    expect(PLACE[channel]).toBe(FIRST_CHANNEL + index);
    expect(STANDARD.nameOf(FIRST_CHANNEL + index)).toBe(channel);
  });
  expect(KIND_NAMES[KIND.sampling]).toBe('sampling changed');
});

test('places have names and ranks', () => {
  expect(STANDARD.workerName(PLACE.validator, 1)).toBe('Validator 2');
  expect(STANDARD.workerName(PLACE.loader, 0)).toBe('Loader');
  expect([STANDARD.nameOf(9), STANDARD.nameOf(99)]).toEqual(['place 9', 'channel 99']);
  expect(STANDARD.inputsOf(PLACE.fan_out)).toEqual([PLACE.processedCh, PLACE.errorCh]);
  const order = Object.values(PLACE).sort(
    (a, b) => STANDARD.rankOf(a) - STANDARD.rankOf(b) || a - b,
  );
  expect(order).toEqual([0, 16, 1, 17, 2, 18, 19, 3, 20, 21, 22, 4, 5, 6]);
});

test('a circle has ranks as well', () => {
  const stages = [0, 1].map((place) => ({ place, id: '', name: '', is_pool: false }));
  const channel = (place: number, from: number, to: number) => ({
    ...{ place, id: '', name: '', senders: [from], receivers: [to] },
  });
  const circle = new Topology({ stages, channels: [channel(16, 0, 1), channel(17, 1, 0)] });
  expect(circle.rankOf(1)).toBeGreaterThan(0);
});
