// The engine's settings that the page has controls for, by path in the configuration.

import { SETTINGS } from '../engine/generated/settings';
import type { SettingInfo } from '../engine/generated/settings';

export { SETTINGS } from '../engine/generated/settings';

/** The path in the configuration of a setting that the page has a control for. */
export type SettingPath = keyof typeof SETTINGS;

/** The settings in the order of the page. */
export const ALL = Object.entries(SETTINGS) as readonly (readonly [SettingPath, SettingInfo])[];

/** Returns the setting at a path, if the page has a control for it. */
export const settingAt = (path: string): SettingInfo | undefined =>
  Object.hasOwn(SETTINGS, path) ? SETTINGS[path as SettingPath] : undefined;

/** Returns the key of a setting in links. */
export const keyOf = (path: SettingPath): string => settingAt(path)?.key ?? path;
