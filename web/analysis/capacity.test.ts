import { expect, test } from 'vitest';
import vectors from '../../tests/vectors/capacities.json';
import { DEFAULT_CONFIG } from '../engine/generated/defaults';
import type { PartialConfig } from '../engine/partial';
import { withDefaults } from '../recording/merge';
import { capacityAt } from './capacity';
import { recordingOf } from './testing';

/** The engine's test reads the same vectors. */
test.each(vectors)('$config', ({ config, capacities }) => {
  const recording = recordingOf([], withDefaults(config as PartialConfig, DEFAULT_CONFIG));
  const found = Object.keys(capacities).map((id) => [id, capacityAt(recording, id, 0)]);
  expect(Object.fromEntries(found)).toEqual(capacities);
});
