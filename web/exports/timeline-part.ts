// The timeline as it is on screen, below a picture or by itself.

import { inSlices } from '../analysis/in-slices';
import type { TimeWindow } from '../analysis/series';
import { givenMarks } from '../timeline/flags';
import { stageOf } from '../timeline/lanes';
import { lanePaletteOf } from '../timeline/palette';
import { timelineDataOf } from '../timeline/timeline-data';
import { follow } from './scene';
import type { Scene } from './scene';
import type { Size, Subject } from './shot';
import { element } from './svg';
import type { Definitions, Part } from './svg';
import { timelineSvg } from './timeline-svg';
import type { TimelineColours } from './timeline-svg';

/** How many events are read between two looks at the clock. */
const EVENTS = 4096;

export interface TimelineWriter {
  /** The part of the run that it shows at each time. */
  window: TimeWindow;
  /** Writes the timeline at a time. */
  write: (time: number, definitions: Definitions) => Part;
}

/**
 * Prepares the timeline with the lanes and the part of the run that are on screen, and with all events read.
 *
 * @param height in CSS pixels
 * @param isLive whether what is to come isn't known yet
 */
export async function timelineWriter(
  scene: Scene,
  { recording, focus, chosen }: Subject,
  { width, form, scale }: Size,
  height: number,
  isLive: boolean,
): Promise<TimelineWriter> {
  const data = timelineDataOf(recording);
  await inSlices(() => data.advance(EVENTS));
  follow(scene, recording);
  const { window, division, folded } = scene.timeline;
  const shot = {
    ...{ data, width, height, chosen, window, division, folded, isLive },
    stage: stageOf(recording.topology, focus),
    set: form === 'phone' ? 'phone' : scale > 1.1 ? 'presenter' : 'full',
    marks: givenMarks(scene.screen),
  } as const;
  return {
    window,
    write: (time, definitions) =>
      timelineSvg({ ...shot, time }, coloursOf(definitions), definitions),
  };
}

/** The colours of the timeline, with patterns that are written rather than painted. */
function coloursOf(definitions: Definitions): TimelineColours {
  const palette = lanePaletteOf(document.body, 1);
  const style = getComputedStyle(document.body);
  const [hatch = '', pressInk = ''] = ['--press-hatch', '--press-ink'].map((name) =>
    style.getPropertyValue(name).trim(),
  );
  const stripes = (ground: string, line: string, period: number, width: number, angle: number) =>
    definitions.refer(
      'pattern',
      {
        ...{ width: period, height: period, patternUnits: 'userSpaceOnUse' },
        patternTransform: angle === 0 ? null : `rotate(${angle})`,
      },
      element('rect', { width: period, height: period, fill: ground }) +
        element('rect', { width, height: period, fill: line }),
    );
  return {
    ...palette,
    pressInk,
    ready: stripes(palette.waiting, palette.readyPlain, 5, 2, 0),
    blocked: stripes(palette.blockedPlain, hatch, 10 / Math.SQRT2, 2.6, 45),
  };
}
