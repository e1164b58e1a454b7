// The settings of the sizes of pools, by the id of the stage.

import type { SettingPath } from './registry';

export const STAGE_WORKERS: Readonly<
  Record<string, { path: SettingPath; key: 'validators' | 'transformers' }>
> = {
  validator: { path: 'validator.workers', key: 'validators' },
  transformer: { path: 'transformer.workers', key: 'transformers' },
};
