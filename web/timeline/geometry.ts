// Where the parts of the timeline are: labels at the left, readings at the right, flags above the lanes and the axis below
// them. Lengths are CSS pixels.

import type { LaneSet } from './lanes';

export interface Geometry {
  /** The size of text relative to that of the desktop. */
  scale: number;
  labelWidth: number;
  readingWidth: number;
  flagHeight: number;
  plotWidth: number;
  plotHeight: number;
}

/** Returns the geometry of a timeline of this size. */
export function geometryOf(set: LaneSet, width: number, height: number): Geometry {
  const scale = set === 'presenter' ? 1.3 : width >= 1480 && set === 'full' ? 1.12 : 1;
  const wide = scale > 1 ? 1.19 : 1;
  const labelWidth = set === 'phone' ? 78 : set === 'presenter' ? 128 : Math.round(116 * wide);
  const readingWidth = set === 'phone' ? 46 : set === 'presenter' ? 74 : Math.round(52 * wide);
  const flagHeight = set === 'phone' ? 4 : Math.round(22 * scale);
  const axisHeight = Math.round(22 * scale);
  return {
    ...{ scale, labelWidth, readingWidth, flagHeight },
    plotWidth: Math.max(40, width - labelWidth - readingWidth),
    plotHeight: Math.max(20, height - flagHeight - axisHeight),
  };
}
