// Applies a change, given by its path in the engine's configuration, to the settings of the page.

import type { RuntimeKind } from '../engine/generated/RuntimeKind';
import { same } from './live';
import { CHANNELS, SERVED_STAGES } from './parts';
import { isPolicy, textOfPolicy } from './policies';
import type { Settings } from './settings';

type Value = number | string | boolean | null;

const isRuntime = (value: Value): value is RuntimeKind =>
  value === 'pool' || value === 'local' || value === 'virtual';

/** Changes a setting if the page has a control for it. Returns whether it has. */
export function applyChange(settings: Settings, path: string, value: Value): boolean {
  const number = typeof value === 'number' ? value : null;
  switch (path) {
    case 'workers':
      settings.workers = number;
      return true;
    case 'validator.workers':
      settings.validators = number;
      return true;
    case 'transformer.workers':
      settings.transformers = number;
      return true;
    case 'generator.rate_limit':
      settings.rate = number;
      return true;
    case 'generator.burst':
      settings.burst = number;
      return true;
    case 'batch':
      settings.batch = String(value);
      return true;
    case 'window':
      settings.window = number;
      return true;
    case 'ordered':
      settings.ordered = value === true;
      return true;
    case 'runtime.kind':
      if (isRuntime(value)) settings.runtime = value;
      return isRuntime(value);
    case 'runtime.threads':
      settings.threads = number;
      return true;
    case 'runtime.cores':
      settings.cores = number;
      return true;
    case 'runtime.seed':
      settings.scheduleSeed = number;
      return true;
    case 'channels.capacity':
      settings.buffer = number;
      return true;
  }
  if (isPolicy(path)) {
    settings.policies[path] = textOfPolicy(value);
    return true;
  }
  const [, stage, kind] = /^service\.(\w+)\.(wait|compute)$/.exec(path) ?? [];
  const served = SERVED_STAGES.find((name) => name === stage);
  if (served && (kind === 'wait' || kind === 'compute')) {
    settings.service[served][kind] = typeof value === 'string' ? value : 'off';
    return true;
  }
  const channel = CHANNELS.find((name) => path === `channels.${name}`);
  if (channel) settings.buffers[channel] = number;
  return channel !== undefined;
}

/** Returns whether such a change would change nothing. */
export function isApplied(settings: Settings, path: string, value: Value): boolean {
  const changed = structuredClone(settings);
  return applyChange(changed, path, value) && same(changed, settings);
}
