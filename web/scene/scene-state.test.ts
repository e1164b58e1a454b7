import { expect, test } from 'vitest';
import { ledgerOf } from '../analysis/ledger';
import { MS, journeyEvents, recordingOf, testConfig } from '../analysis/testing';
import { NODE } from '../recording/events';
import { Residencies } from '../recording/residencies';
import { STANDARD } from '../recording/topology';
import { sceneAt } from './scene-state';

test('how stages spend their time is told of a log without measurements, if every record is in it', () => {
  for (const [sample, busy] of [
    [1, 0.5],
    [4, undefined],
  ] as const) {
    const config = testConfig({ workers: 1, trace: { ...testConfig().trace, sample } });
    const recording = recordingOf(journeyEvents(0), config, { origin: 'file' });
    const residencies = new Residencies(recording.log, STANDARD, 1000);
    residencies.update();
    const validators = () => sceneAt(recording, residencies, 2 * MS).stages[NODE.validator];
    expect(validators()?.shares).toBeNull();
    ledgerOf(recording).catchUp();
    expect(validators()?.shares?.busy).toBe(busy);
  }
});
