// What the parts of the rail have in common.

import type { Change } from '../analysis/bottleneck';

/**
 * How the rail is laid out: beside the picture; as a band above it, to be read from a distance; on a phone, in the sheet
 * below it.
 */
export type Form = 'rail' | 'band' | 'sheet';

/** Returns the records per second that changes would bring; null if that can't be computed. */
export type Predict = (changes: readonly Change[]) => Promise<number | null>;
