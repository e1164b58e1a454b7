// Makes the files that are exported. It is loaded with the first export.

import { moment } from '../analysis/format-time';
import { markOf } from '../analysis/headline';
import { inSlices } from '../analysis/in-slices';
import { ledgerOf } from '../analysis/ledger';
import type { TimeWindow } from '../analysis/series';
import { verdictOnScreen } from '../analysis/verdict-at';
import { chartsOf, toCsv } from './chart-csv';
import { makeClip } from './clip';
import { NOT_IN_TIMELINE, planClip, planVideo } from './clip-plan';
import type { ClipPlan } from './clip-plan';
import { differencesToCsv } from './difference-csv';
import type { Pair } from './difference-csv';
import type { Clip, ClipOptions, Drawing } from './frames';
import { PictureWriter } from './picture-svg.svelte';
import { PROJECTED, PROJECTOR } from './projector';
import { pixelsOf, rasterize, toPng } from './raster';
import { timeOn } from './scene';
import type { Scene } from './scene';
import { shotAt, sizeOf, subjectOf } from './shot';
import type { Size, Subject } from './shot';
import { Definitions, element, stacked, svgFile } from './svg';
import type { Part, SvgFile } from './svg';
import { timelineWriter } from './timeline-part';
import { makeVideo } from './video';
import type { VideoCodec } from './video-codec';

/** What is said if there is no run. */
export const NOTHING = 'There is no run to export yet.';

export type What = 'picture' | 'timeline' | 'both';

/** Pixels per CSS pixel of what is on screen, or the pixels of a projector. */
export type PngSize = 1 | 2 | 'projector';

/** How many events are read between two looks at the clock. */
const EVENTS = 4096;

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

/** Makes a table of how two runs differ. */
export function makeDifferencesCsv(pair: Pair): Blob {
  return new Blob([differencesToCsv(pair)], { type: 'text/csv' });
}

/** A clip, and the part of the run that it shows, in nanoseconds. */
export type ClipOfRun = Clip & Pick<ClipPlan, 'from' | 'to'>;

/**
 * Makes an animated PNG of what is on screen.
 *
 * @throws the reason of the signal, if it is aborted
 */
export async function makeClipOf(
  { screen }: Scene,
  options: Omit<ClipOptions, 'file'>,
): Promise<ClipOfRun> {
  const subject = subjectOf(screen);
  const { playback } = screen;
  const plan =
    subject && playback && planClip(playback.begin, playback.end, playback.time, subject.speed);
  if (!plan) throw new Error(NOTHING);
  const clip = await makeClip(subject, plan, { ...options, file: clipFile(plan) });
  return { ...clip, from: plan.from, to: plan.to };
}

/**
 * Makes a video of picture and timeline: of the part of the run that the timeline shows.
 *
 * @throws the reason of the signal, if it is aborted
 */
export async function makeVideoOf(
  scene: Scene,
  codec: VideoCodec,
  options: Omit<ClipOptions, 'file'>,
): Promise<ClipOfRun> {
  const { screen } = scene;
  const subject = subjectOf(screen);
  const { playback } = screen;
  if (!subject || !playback) throw new Error(NOTHING);
  const { size, below: height } = PROJECTED.both;
  // During a run, what is dimmed would grow from frame to frame.
  const isLive = subject.recording.origin === 'live';
  const { window, write: below } = await timelineWriter(scene, subject, size, height, isLive);
  const plan = planVideo(playback.begin, playback.end, window, subject.speed);
  if (!plan) throw new Error(NOT_IN_TIMELINE);
  const look = { size, below };
  const clip = await makeVideo(subject, plan, look, codec, { ...options, file: clipFile(plan) });
  return { ...clip, from: plan.from, to: plan.to };
}

/** The file of a frame, with the colours that the page has then: the theme may change while a clip is made. */
const clipFile =
  ({ from }: ClipPlan): ClipOptions['file'] =>
  (part) =>
    framed(`Clearpipe from ${moment(from)}`, part);

/** Returns the file of a drawing, with the fonts and colours that the page has now. */
function framed(title: string, part: Drawing): SvgFile {
  const style = getComputedStyle(document.body);
  return {
    ...part,
    ...{ title, font: style.fontFamily, background: style.getPropertyValue('--page').trim() },
    // Figures are all equally wide, so that they don't jump.
    body: element('g', { 'font-variant-numeric': 'tabular-nums' }, part.body),
  };
}

async function fileOf(scene: Scene, what: What, isProjected: boolean): Promise<SvgFile> {
  const { screen } = scene;
  const subject = subjectOf(screen);
  if (!subject) throw new Error(NOTHING);
  const time = screen.playback?.time ?? 0;
  // What is said of a time, and where a record was, is looked up in it.
  await inSlices(() => ledgerOf(subject.recording).catchUp(EVENTS));
  const definitions = new Definitions();
  const size = isProjected ? PROJECTED[what].size : sizeOf(screen);
  const parts: Part[] = [];
  if (what !== 'timeline') parts.push(pictureOf(scene, subject, size, time, definitions));
  if (what !== 'picture') {
    const height = isProjected ? PROJECTED[what].below : heightFor(size);
    const isLive = screen.playback?.live ?? false;
    const timeline = await timelineWriter(scene, subject, size, height, isLive);
    parts.push(timeline.write(timeOn(screen), definitions));
  }
  return framed(`Clearpipe at ${moment(time)}`, { ...stacked(parts), definitions });
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
  const { live, playing } = screen.view;
  const verdict = verdictOnScreen(subject.recording, time, navigator.hardwareConcurrency, {
    ...{ stands: !live && !playing, moment: screen.moment?.time ?? null },
  });
  const shot = shotAt(subject, size, time, markOf(verdict?.headline ?? null), isMoving);
  const writer = new PictureWriter(shot);
  try {
    return writer.write(shot, definitions);
  } finally {
    writer.remove();
  }
}
