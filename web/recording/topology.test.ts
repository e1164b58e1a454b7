import { expect, test } from 'vitest';
import {
  CHANNELS,
  FIRST_CHANNEL,
  KIND,
  KIND_NAMES,
  NODE,
  STAGES,
  STAGE_NAMES,
  samplingText,
} from './events';
import { STANDARD } from './topology';

test('stages and channels have the numbers that their index says', () => {
  STAGES.forEach((stage, index) => {
    expect(NODE[stage]).toBe(index);
    expect(STANDARD.nameOf(index)).toBe(STAGE_NAMES[stage]);
  });
  CHANNELS.forEach((channel, index) => {
    expect(NODE[channel]).toBe(FIRST_CHANNEL + index);
    expect(STANDARD.nameOf(FIRST_CHANNEL + index)).toBe(channel);
  });
  expect(KIND_NAMES[KIND.sampling]).toBe('sampling changed');
});

test('a change of the sampling is put in words', () => {
  expect(samplingText(1, 0, 0)).toBe('every record is traced from #0 on');
  expect(samplingText(5, 10, 7)).toBe('1 in 5,120 records is traced from #7 on');
});

test('nodes have names and ranks', () => {
  expect(STANDARD.workerName(NODE.validator, 1)).toBe('Validator 2');
  expect(STANDARD.workerName(NODE.loader, 0)).toBe('Loader');
  expect([STANDARD.nameOf(9), STANDARD.nameOf(99)]).toEqual(['node 9', 'channel 99']);
  expect(STANDARD.inputsOf(NODE.fan_out)).toEqual([NODE.processedCh, NODE.errorCh]);
  const order = Object.values(NODE).sort(
    (a, b) => STANDARD.rankOf(a) - STANDARD.rankOf(b) || a - b,
  );
  expect(order).toEqual([0, 16, 1, 17, 2, 18, 19, 3, 20, 21, 22, 4, 5, 6]);
});

test('the first stage and the last ones are known', () => {
  const { stages } = STANDARD;
  const of = (is: (node: number) => boolean) => stages.map(({ node }) => node).filter(is);
  expect(of((node) => STANDARD.isSource(node))).toEqual([NODE.producer]);
  expect(of((node) => STANDARD.isSink(node))).toEqual([4, 5, 6]);
});
