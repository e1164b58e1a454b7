// Partial configurations.

import type { Config } from './generated/Config';

/** Some of an object's properties, at any depth. Undefined properties count as missing. */
export type DeepPartial<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { [K in keyof T]?: DeepPartial<T[K]> | undefined }
    : T;

/** What differs from the default configuration. */
export type PartialConfig = DeepPartial<Config>;
