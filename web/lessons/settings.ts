// The settings of the page that a lesson runs with.

import { DEFAULT_CONFIG } from '../engine/generated/defaults';
import type { PartialConfig } from '../engine/partial';
import { withDefaults } from '../recording/merge';
import { fromConfig } from '../settings/from-config';
import type { Settings } from '../settings/settings';

/** The settings of the page that a configuration corresponds to. */
export function settingsOf(config: PartialConfig): Settings {
  return fromConfig(withDefaults(config, DEFAULT_CONFIG)).settings;
}
