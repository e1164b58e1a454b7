// Draws what is behind the lanes: the lines of the divisions, and the ground of each lane.

import { isRow } from './lanes';
import type { Lane } from './lanes';
import type { Sheet } from './sheet';
import { toX } from './sheet';
import { graticule } from './viewport';

/** @param height of all lanes, in CSS pixels */
export function drawBack(
  sheet: Sheet,
  lanes: readonly Lane[],
  division: number,
  height: number,
): void {
  const { context, palette, width } = sheet;
  context.fillStyle = palette.graticule;
  for (const time of graticule(sheet.window, division)) {
    context.fillRect(Math.round(toX(sheet, time)), 0, 1, height + 4);
  }
  for (const { content, y, height } of lanes) {
    if (isRow(content)) {
      context.globalAlpha = 0.55;
      context.fillStyle = palette.waiting;
      context.fillRect(0, y, width, height);
      context.globalAlpha = 1;
    } else if (content.kind !== 'ends' && content.kind !== 'raster') {
      context.fillStyle = palette.rule;
      context.fillRect(0, Math.round(y + height) - 1, width, 1);
    }
  }
}
