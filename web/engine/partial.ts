// A configuration of which some settings are given.

import type { Config } from './generated/Config';

/** Some of an object's properties, at any depth. One that is undefined counts as missing. */
export type DeepPartial<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { [K in keyof T]?: DeepPartial<T[K]> | undefined }
    : T;

/** What differs from the default configuration. */
export type PartialConfig = DeepPartial<Config>;
