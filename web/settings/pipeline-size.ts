// The workers and capacities according to the settings, for the picture before there is a run.

import { configuredCapacity } from '../analysis/capacity';
import { DEFAULT_CONFIG } from '../engine/generated/defaults';
import { CHANNELS } from '../recording/events';
import { withDefaults } from '../recording/merge';
import type { PipelineSize } from '../screen.svelte';
import { toConfig } from './config';
import type { Settings } from './settings';

export function pipelineSize(settings: Settings): PipelineSize {
  const { workers, validators, transformers } = settings;
  const count = (own: number | null) => Math.min(1000, Math.max(1, own ?? workers ?? 3));
  const known = withDefaults(toConfig(settings, null).config, DEFAULT_CONFIG);
  const file = settings.source === 'file' ? [] : null;
  const config = { ...known, input: { ...known.input, file } };
  return {
    workers: [1, count(validators), count(transformers), 1, 1, 1, 1],
    capacities: CHANNELS.map((channel) => Math.max(1, configuredCapacity(config, channel))),
  };
}
