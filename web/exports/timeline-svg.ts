// The timeline as SVG: its lanes are painted by what paints them on screen, on a context that writes SVG.

import type { TimeWindow } from '../analysis/series';
import type { Mark } from '../timeline/flags';
import { allMarks, placeFlags } from '../timeline/flags';
import type { Flag } from '../timeline/flags';
import { drawBack } from '../timeline/draw-back';
import { drawRecord } from '../timeline/draw-record';
import { largestRate } from '../timeline/draw-records';
import { geometryOf } from '../timeline/geometry';
import { LanePainter } from '../timeline/lane-painter';
import { lanesOf, middleOf, spaced } from '../timeline/lanes';
import type { Lane, LaneSet } from '../timeline/lanes';
import type { LanePalette } from '../timeline/palette';
import { RATE_DIVISIONS, scaleFor } from '../timeline/rate';
import { readingOf } from '../timeline/readings';
import type { Sheet } from '../timeline/sheet';
import { toX } from '../timeline/sheet';
import type { TimelineData } from '../timeline/timeline-data';
import { playheadText, ticksOf } from '../timeline/viewport';
import { element, escaped } from './svg';
import type { Attributes, Definitions, Part } from './svg';
import { SvgContext } from './svg-context';

/** The colours of the timeline, also of what is written beside the lanes. */
export interface TimelineColours extends LanePalette {
  pressInk: string;
}

export interface TimelineShot {
  /** With all events read. */
  data: TimelineData;
  window: TimeWindow;
  division: number;
  /** What the user has folded (true) and unfolded (false), by group. */
  folded: Readonly<Record<string, boolean>>;
  set: LaneSet;
  marks: readonly Mark[];
  /** The stage that the lanes of a phone are about. */
  stage: number | null;
  chosen: number | null;
  /** The time of the playhead, in nanoseconds. */
  time: number;
  /** Whether what is to come isn't known yet. */
  isLive: boolean;
  /** In CSS pixels. */
  width: number;
  height: number;
}

/** Writes the timeline. */
export function timelineSvg(
  shot: TimelineShot,
  colours: TimelineColours,
  definitions: Definitions,
): Part {
  const { data, set, width, height, window, division, time } = shot;
  const { recording } = data;
  const { scale, labelWidth, flagHeight, plotWidth, plotHeight } = geometryOf(set, width, height);
  const rateLength = RATE_DIVISIONS * division;

  const lanes = lanesOf({
    topology: recording.topology,
    workers: new Map(recording.topology.stages.map(({ node }) => [node, data.workersOf(node)])),
    threads: data.threads.length,
    isVirtual: recording.isVirtual,
    ...{ height: plotHeight, set, folded: shot.folded, stage: shot.stage },
  });
  const context = new SvgContext(definitions);
  const sheet: Sheet = {
    ...{ context, palette: colours, window, width: plotWidth, scale },
    until: data.readUntil,
  };
  const playhead = toX(sheet, time);
  drawBack(sheet, lanes, division, plotHeight);
  context.save();
  context.beginPath();
  // Live, what is to come isn't known to anyone.
  context.rect(
    0,
    0,
    shot.isLive ? Math.max(0, Math.min(plotWidth, playhead)) : plotWidth,
    plotHeight + 4,
  );
  context.clip();
  new LanePainter(context).paint({
    ...{ data, lanes, window, width: plotWidth, height: plotHeight + 4, palette: colours },
    ...{ pixels: 1, scale, rateLength },
    rateMost: scaleFor(largestRate(sheet, data, rateLength) * 1.05),
  });
  if (shot.chosen !== null) drawRecord(sheet, data, lanes, shot.chosen, true);
  context.restore();
  if (!shot.isLive && playhead < plotWidth) {
    const from = Math.max(0, playhead);
    context.globalAlpha = 0.72;
    context.fillStyle = colours.page;
    context.fillRect(from, 0, plotWidth - from, plotHeight + 4);
  }

  const write = new Writer(colours, scale);
  const readings = lanes.map(({ content }) => readingOf(data, content, time, rateLength));
  const isRead = spaced(lanes, scale, (_, index) => readings[index] != null);
  const flags =
    set === 'phone'
      ? []
      : placeFlags(
          allMarks(data, shot.marks, data.readUntil).filter(
            ({ time: at }) => !shot.isLive || at <= time,
          ),
          (at) => toX(sheet, at),
          plotWidth,
          scale,
        );
  const ticks = ticksOf(window, division, Math.max(2, Math.floor(plotWidth / (58 * scale))));
  const plot = [
    element('g', { transform: `translate(0 ${flagHeight})` }, context.toString()),
    ...flags.map((flag) => write.flag(flag, flagHeight + plotHeight)),
    ...ticks
      .map(({ time: at, text }) => ({ x: toX(sheet, at), text }))
      .filter(({ x }) => Math.abs(x - playhead) >= 46 * scale)
      .map(({ x, text }) => write.tick(x, flagHeight + plotHeight + 3 * scale, text)),
    playhead < 0 || playhead > plotWidth
      ? ''
      : write.playhead(
          playhead,
          flagHeight - 2,
          plotHeight + 4,
          playheadText(time, window, division),
        ),
  ];
  const body = [
    ...write.labels(lanes, 16, flagHeight),
    ...lanes.map((lane, index) => {
      const reading = readings[index];
      if (!reading || !isRead[index]) return '';
      const colour = reading.isPressure ? colours.pressInk : colours.ink;
      return write.text(width - 8, flagHeight + middleOf(lane), 12, reading.text, {
        ...{ 'text-anchor': 'end', 'font-weight': 600, 'font-stretch': '86%', fill: colour },
      });
    }),
    element('g', { transform: `translate(${labelWidth} 0)` }, plot.join('')),
  ];
  return { width, height, body: body.join('') };
}

/** How far below the middle of letters their baseline is, as a share of the font size. */
const BASELINE = 0.355;

const TONES: Readonly<Record<Lane['tone'], Attributes>> = {
  work: { 'font-weight': 600, 'font-stretch': '86%' },
  records: { 'font-weight': 500, 'font-stretch': '80%' },
  soft: { 'font-weight': 500, 'font-stretch': '86%' },
};

/** Writes what is beside and over the lanes, with the sizes that it has on screen. */
class Writer {
  readonly #colours: TimelineColours;
  readonly #scale: number;

  constructor(colours: TimelineColours, scale: number) {
    this.#colours = colours;
    this.#scale = scale;
  }

  /** @param y the middle of its letters */
  text(x: number, y: number, size: number, text: string, attributes: Attributes): string {
    const fontSize = size * this.#scale;
    return element(
      'text',
      { x, y: y + fontSize * BASELINE, 'font-size': fontSize, ...attributes },
      escaped(text),
    );
  }

  /** The names of lanes; one that would overlap that above it is left out. */
  labels(lanes: readonly Lane[], left: number, top: number): string[] {
    const { ink, soft } = this.#colours;
    const shown = spaced(lanes, this.#scale, ({ label }) => label !== '');
    return lanes.map((lane, index) => {
      if (!shown[index]) return '';
      const fill = lane.tone === 'soft' ? soft : ink;
      return this.text(left, top + middleOf(lane), 12, lane.label, { ...TONES[lane.tone], fill });
    });
  }

  tick(x: number, y: number, text: string): string {
    const size = 11.5 * this.#scale;
    return this.text(x, y + size * 0.6, 11.5, text, {
      ...{ 'text-anchor': 'middle', fill: this.#colours.soft },
    });
  }

  flag({ x, text, kind, shownSide }: Flag, bottom: number): string {
    const { ink, soft, press, pressInk, page } = this.#colours;
    const s = this.#scale;
    const isPressure = kind === 'pressure';
    const written = shownSide
      ? this.text(x + (shownSide === 'right' ? 9 : -9), 12 * s, 12, text, {
          ...{ 'text-anchor': shownSide === 'right' ? null : 'end' },
          ...{ 'font-weight': 600, 'font-stretch': '86%', fill: isPressure ? pressInk : ink },
          // It may cover a flag of the run.
          ...(isPressure
            ? {}
            : {
                stroke: page,
                'stroke-width': 3,
                'paint-order': 'stroke',
                'stroke-linejoin': 'round',
              }),
        })
      : '';
    return [
      element('path', {
        d: `M${x.toFixed(2)} ${(19 * s).toFixed(2)}V${bottom.toFixed(2)}`,
        ...{
          stroke: isPressure ? press : soft,
          'stroke-width': 1.2,
          'stroke-dasharray': '3.6 2.4',
        },
      }),
      element('path', {
        d: `M${(x - 5).toFixed(2)} ${(9 * s).toFixed(2)}h10l-5 8z`,
        fill: isPressure ? press : ink,
      }),
      written,
    ].join('');
  }

  playhead(x: number, y: number, height: number, text: string): string {
    const { ink, page } = this.#colours;
    const size = 11.5 * this.#scale;
    const width = text.length * size * 0.58 + 14;
    const below = y + height;
    const h = size * 1.2 + 3;
    return [
      element('rect', { x: x - 0.8, y, width: 1.6, height, fill: ink }),
      element('rect', { x: x - width / 2, y: below, width, height: h, rx: 2, fill: ink }),
      this.text(x, below + h / 2, 11.5, text, {
        ...{ 'text-anchor': 'middle', 'font-weight': 700, fill: page },
      }),
    ].join('');
  }
}
