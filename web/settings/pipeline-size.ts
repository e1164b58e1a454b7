// The workers and capacities according to the settings, for the picture before there is a run.

import { capacityFor } from '../analysis/capacity';
import { MAX_AUTO_BATCH } from '../engine/generated/topology';
import type { PipelineSize } from '../screen.svelte';
import { ungrouped } from './grouped';
import { CHANNELS } from './parts';
import type { Settings } from './settings';

export function pipelineSize(settings: Settings): PipelineSize {
  const { workers, validators, transformers, buffer, buffers, batch } = settings;
  const count = (own: number | null) => Math.min(1000, Math.max(1, own ?? workers ?? 3));
  const together =
    batch.trim() === 'auto' || batch.trim() === '' ? MAX_AUTO_BATCH : Number(ungrouped(batch));
  const unset = capacityFor(together);
  return {
    workers: [1, count(validators), count(transformers), 1, 1, 1, 1],
    capacities: CHANNELS.map((channel) => Math.max(1, buffers[channel] ?? buffer ?? unset)),
  };
}
