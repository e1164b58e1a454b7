// The shapes of the dots as paths, for where a dot isn't drawn by the graphics card.

import type { RECORD_STATE_NAMES } from '../recording/residencies';

/** By what is known of the record; around the origin, with a radius of 1. To be filled by the rule `evenodd`. */
export const DOT_SHAPES: Readonly<Record<(typeof RECORD_STATE_NAMES)[number], string>> = {
  raw: 'M0-.57A.57.57 0 1 0 .001-.57ZM0-.99A.99.99 0 1 1-.001-.99Z',
  valid: 'M0-.98A.98.98 0 1 0 .001-.98Z',
  processed: 'M-.88-.88H.88V.88H-.88Z',
  anomaly: 'M0-1.05L1.15 1H-1.15Z',
  failed: 'M-1-.6L-.6-1 0-.4 .6-1 1-.6 .4 0 1 .6 .6 1 0 .4-.6 1-1 .6-.4 0Z',
};
