// Makes the files that are exported. It is loaded with the first export.

import { moment } from '../analysis/format-time';
import { markOf } from '../analysis/headline';
import { inSlices } from '../analysis/in-slices';
import { ledgerOf } from '../analysis/ledger';
import type { TimeWindow } from '../analysis/series';
import { verdictAt } from '../analysis/verdict-at';
import type { Screen } from '../screen.svelte';
import { userMark } from '../timeline/flags';
import { stageOf } from '../timeline/lanes';
import { lanePaletteOf } from '../timeline/palette';
import { timelineDataOf } from '../timeline/timeline-data';
import type { TimelineView } from '../timeline/timeline-view.svelte';
import { chartsOf, toCsv } from './chart-csv';
import { makeClip } from './clip';
import type { Clip, ClipOptions } from './clip';
import { planClip } from './clip-plan';
import { PictureWriter } from './picture-svg.svelte';
import { pixelsOf, rasterize, toPng } from './raster';
import { shotAt, sizeOf, subjectOf } from './shot';
import type { Size, Subject } from './shot';
import { Definitions, element, stacked, svgFile } from './svg';
import type { Part, SvgFile } from './svg';
import { timelineSvg } from './timeline-svg';
import type { TimelineColours } from './timeline-svg';

/** What is said if there is no run. */
export const NOTHING = 'There is no run to export yet.';

export type What = 'picture' | 'timeline' | 'both';

/** Pixels per CSS pixel of what is on screen, or the pixels of a projector. */
export type PngSize = 1 | 2 | 'projector';

/** In pixels. What is shown is laid out for a window of two thirds of it, so that it can be read from the last row. */
export const PROJECTOR = { width: 1920, height: 1080 };
const PROJECTOR_SCALE = 1.5;

/** How many events are read between two looks at the clock. */
const EVENTS = 4096;

export interface Scene {
  screen: Screen;
  timeline: TimelineView;
}

/** Makes an SVG of what is on screen. */
export async function makeSvg(scene: Scene, what: What): Promise<Blob> {
  const file = await fileOf(scene, what, false);
  return new Blob([svgFile(file)], { type: 'image/svg+xml' });
}

/** Makes a PNG of what is on screen. */
export async function makePng(scene: Scene, what: What, size: PngSize): Promise<Blob> {
  const file = await fileOf(scene, what, size === 'projector');
  const pixels =
    size === 'projector'
      ? pixelsOf(PROJECTOR.width, PROJECTOR.height)
      : pixelsOf(file.width * size, file.height * size);
  await rasterize(file, pixels);
  return toPng(pixels);
}

/** Makes a table of the charts of a part of the run, or of all of it. */
export async function makeCsv(
  { screen: { recording } }: Scene,
  part: TimeWindow | null,
): Promise<Blob> {
  if (!recording) throw new Error(NOTHING);
  await inSlices(() => ledgerOf(recording).catchUp(EVENTS));
  const table = toCsv(chartsOf(recording, part ?? { from: 0, to: recording.duration }));
  return new Blob([table], { type: 'text/csv' });
}

/**
 * Makes a clip of what is on screen.
 *
 * @throws the reason of the signal, if it is aborted
 */
export async function makeClipOf(
  { screen }: Scene,
  options: Omit<ClipOptions, 'file'>,
): Promise<Clip & { from: number; to: number }> {
  const subject = subjectOf(screen);
  const { playback } = screen;
  const plan =
    subject && playback && planClip(playback.begin, playback.end, playback.time, subject.speed);
  if (!plan) throw new Error(NOTHING);
  const file = frame(`Clearpipe from ${moment(plan.from)}`);
  const clip = await makeClip(subject, plan, { ...options, file });
  return { ...clip, from: plan.from, to: plan.from + plan.step * plan.frames };
}

/** Returns what makes a file of a drawing, with the fonts and colours that the page has now. */
function frame(title: string): ClipOptions['file'] {
  const style = getComputedStyle(document.body);
  const { fontFamily: font } = style;
  const background = style.getPropertyValue('--page').trim();
  // Figures are all equally wide, so that they don't jump.
  return (part) => ({
    ...part,
    ...{ title, font, background },
    body: element('g', { 'font-variant-numeric': 'tabular-nums' }, part.body),
  });
}

async function fileOf(scene: Scene, what: What, isProjected: boolean): Promise<SvgFile> {
  const { screen } = scene;
  const subject = subjectOf(screen);
  if (!subject) throw new Error(NOTHING);
  const time = screen.playback?.time ?? 0;
  // What is said of a time, and where a record was, is looked up in it.
  await inSlices(() => ledgerOf(subject.recording).catchUp(EVENTS));
  const definitions = new Definitions();
  const size = isProjected ? projected(what) : sizeOf(screen);
  const parts: Part[] = [];
  if (what !== 'timeline') parts.push(pictureOf(scene, subject, size, time, definitions));
  if (what !== 'picture') {
    const height = isProjected ? PROJECTOR.height / PROJECTOR_SCALE - size.height : heightFor(size);
    parts.push(await timelineOf(scene, subject, size, height, definitions));
  }
  return frame(`Clearpipe at ${moment(time)}`)({ ...stacked(parts), definitions });
}

/** Returns the size of the picture at which all of it fills a projector. */
function projected(what: What): Size {
  const [width, height] = [PROJECTOR.width, PROJECTOR.height].map((side) => side / PROJECTOR_SCALE);
  const share = what === 'picture' ? 1 : what === 'both' ? 0.56 : 0;
  return { width: width ?? 0, height: (height ?? 0) * share, form: 'wide', scale: 1 };
}

/** The height of the timeline that suits the picture. */
const heightFor = ({ width, form }: Size): number =>
  form === 'phone' ? 190 : Math.round(Math.min(520, Math.max(300, width * 0.34)));

function pictureOf(
  { screen }: Scene,
  subject: Subject,
  size: Size,
  time: number,
  definitions: Definitions,
): Part {
  const isMoving = (screen.playback?.ramp ?? 0) > 0;
  // On screen, the words stay for as long as it takes to read them; a picture is of one moment.
  const verdict = verdictAt(subject.recording, time, navigator.hardwareConcurrency);
  const shot = shotAt(subject, size, time, markOf(verdict?.headline ?? null), isMoving);
  const writer = new PictureWriter(shot);
  try {
    return writer.write(shot, definitions);
  } finally {
    writer.remove();
  }
}

async function timelineOf(
  { screen, timeline }: Scene,
  { recording, focus, chosen }: Subject,
  { width, form, scale }: Size,
  height: number,
  definitions: Definitions,
): Promise<Part> {
  const { playback } = screen;
  const data = timelineDataOf(recording);
  await inSlices(() => data.advance(EVENTS));
  const [begin, end] = [playback?.begin ?? 0, playback?.end ?? 0];
  const time = Math.min(playback?.time ?? 0, Math.max(begin, end));
  // While another tab is open, it isn't kept up to date.
  timeline.follow(recording, time, end, screen.timeline);
  return timelineSvg(
    {
      ...{ data, time, width, height, chosen },
      stage: stageOf(recording.topology, focus),
      ...{ window: timeline.window, division: timeline.division, folded: timeline.folded },
      set: form === 'phone' ? 'phone' : scale > 1.1 ? 'presenter' : 'full',
      marks: screen.marks.map(userMark),
      isLive: playback?.live ?? false,
    },
    coloursOf(definitions),
    definitions,
  );
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
