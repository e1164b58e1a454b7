// What a setting amounts to where it isn't set itself.

import { pathOfAll } from '../analysis/setting-changes';
import { textOfSetting } from './link';
import type { Settings } from './settings';

/**
 * Returns the value of a setting as in a link; a pool or a channel without a number of its own has that of all. Empty if
 * neither is set.
 */
export function effectiveText(settings: Settings, path: string): string {
  const own = textOfSetting(settings, path);
  if (own) return own;
  const ofAll = pathOfAll(path);
  return (ofAll !== null && textOfSetting(settings, ofAll)) || '';
}
