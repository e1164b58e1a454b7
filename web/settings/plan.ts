// What the picture has before there is a run: the workers and the capacities that the settings ask for.

import type { Plan } from '../screen.svelte';
import { CHANNELS } from './parts';
import type { Settings } from './settings';

/** The default capacity, and that of a large batch: four of the largest that `auto` grows to. */
const CAPACITY = 100;
const LARGEST_AUTO = 1024;

export function planOf(settings: Settings): Plan {
  const { workers, validators, transformers, buffer, buffers, batch } = settings;
  const count = (own: number | null) => Math.min(1000, Math.max(1, own ?? workers ?? 3));
  const together = batch.trim() === 'auto' || batch.trim() === '' ? LARGEST_AUTO : Number(batch);
  const unset = together > CAPACITY ? 4 * together : CAPACITY;
  return {
    workers: [1, count(validators), count(transformers), 1, 1, 1, 1],
    capacities: CHANNELS.map((channel) => Math.max(1, buffers[channel] ?? buffer ?? unset)),
  };
}
