// Paints the lanes on a canvas. What was painted stays: while a run grows, only what is new is painted, and all of it
// only if the window, the lanes or the colours change.

import type { TimeWindow } from '../analysis/series';
import type { Drawable } from '../scene/drawable';
import { drawDepth, drawMeasuredDepth } from './draw-depth';
import { drawEnds, drawRate } from './draw-records';
import { drawMeasured, drawShares, drawThread, drawWorker } from './draw-states';
import type { Strip } from './draw-states';
import type { Lane } from './lanes';
import type { LanePalette } from './palette';
import { toX } from './sheet';
import type { Sheet } from './sheet';
import type { StateTrack } from './step-track';
import type { TimelineData } from './timeline-data';

export interface Painting {
  data: TimelineData;
  lanes: readonly Lane[];
  window: TimeWindow;
  /** In CSS pixels. */
  width: number;
  height: number;
  palette: LanePalette;
  /** Device pixels per CSS pixel. */
  pixels: number;
  /** The size of text relative to that of the desktop. */
  scale: number;
  /** Over how many nanoseconds records per second are counted, and the largest value on the scale. */
  rateLength: number;
  rateMost: number;
}

export class LanePainter {
  readonly #context: Drawable;
  /** What is drawn on, to be given its size in device pixels. */
  readonly #canvas: { width: number; height: number };
  #last: Painting | null = null;
  #until = 0;
  /** From where on each lane is to be painted again, in CSS pixels. */
  #tails: number[] = [];
  /** How many paintings there have been, and how many of them from scratch; for tests. */
  readonly counts = { all: 0, whole: 0 };

  /** Paints on something other than a canvas, which needs no size. */
  constructor(context: Drawable, canvas = { width: 0, height: 0 }) {
    this.#context = context;
    this.#canvas = canvas;
  }

  /** Returns null if the browser gives no canvas to paint on. */
  static create(canvas: HTMLCanvasElement): LanePainter | null {
    const context = canvas.getContext('2d');
    return context && new LanePainter(context, canvas);
  }

  /** Paints what has changed. Returns whether anything had. */
  paint(painting: Painting): boolean {
    const { data, lanes, window, width, pixels } = painting;
    const until = data.readUntil;
    const isWhole = !this.#last || !isSame(this.#last, painting) || until < this.#until;
    if (!isWhole && (until === this.#until || this.#until >= window.to)) {
      this.#until = until;
      return false;
    }
    const canvas = this.#canvas;
    if (isWhole) {
      const [w, h] = [Math.round(width * pixels), Math.round(painting.height * pixels)];
      if (canvas.width !== w || canvas.height !== h) {
        canvas.width = w;
        canvas.height = h;
      }
      this.#context.setTransform(1, 0, 0, 1, 0, 0);
      this.#context.clearRect(0, 0, w, h);
      this.#tails = lanes.map(() => 0);
    }
    this.#last = painting;
    this.#until = until;
    this.counts.all += 1;
    if (isWhole) this.counts.whole += 1;
    this.#context.setTransform(pixels, 0, 0, pixels, 0, 0);
    const sheet: Sheet = { ...painting, context: this.#context, until };
    for (const [index, lane] of lanes.entries()) {
      const from = Math.max(0, Math.floor(this.#tails[index] ?? 0));
      if (from < width) this.#paintLane(painting, sheet, lane, from);
      this.#tails[index] = tailOf(sheet, data, lane);
    }
    return true;
  }

  #paintLane(painting: Painting, sheet: Sheet, lane: Lane, from: number): void {
    const { data, width } = painting;
    const { content, y, height } = lane;
    const [begin, end] = [toX(sheet, data.exactFrom), toX(sheet, data.exactUntil)];
    const isMeasured = data.recording.snapshots.length > 0;
    // The rows of a raster are next to each other.
    const margin = height < 6 ? 0 : 1;
    const paint = (from: number, to: number, draw: (strip: Strip) => void) => {
      if (to <= from) return;
      const context = this.#context;
      context.save();
      context.beginPath();
      context.rect(from, y - margin, to - from, height + 2 * margin);
      context.clip();
      context.clearRect(from, y - margin, to - from, height + 2 * margin);
      draw({ from, to, y, height });
      context.restore();
    };
    /** Draws from events where they say everything, and from measurements elsewhere. */
    const both = (exact: (strip: Strip) => void, measured: (strip: Strip) => void) => {
      paint(from, Math.min(width, begin), measured);
      paint(Math.max(from, begin), Math.min(width, end), exact);
      paint(Math.max(from, end), width, measured);
    };
    switch (content.kind) {
      case 'ends':
        paint(from, width, (strip) => {
          drawEnds(sheet, data, strip);
        });
        break;
      case 'rate':
        paint(from, width, (strip) => {
          drawRate(sheet, data, strip, painting.rateLength, painting.rateMost);
        });
        break;
      case 'depth': {
        const channel = data.channel(content.channel);
        both(
          (strip) => {
            if (channel) drawDepth(within(sheet, data), channel, strip);
          },
          (strip) => {
            drawMeasuredDepth(sheet, data, content.channel, strip);
          },
        );
        break;
      }
      case 'worker': {
        const track = data.worker(content.stage, content.worker);
        const byEvents = (strip: Strip) => {
          if (track) drawWorker(within(sheet, data), track, strip);
        };
        // Without measurements, what is known of some records is better than nothing.
        both(byEvents, (strip) => {
          if (isMeasured) drawMeasured(sheet, data, content.stage, content.worker, strip);
          else if (track) drawWorker(sheet, track, strip);
        });
        break;
      }
      case 'pool': {
        const tracks = tracksOf(data, content.stage);
        both(
          (strip) => {
            drawShares(within(sheet, data), tracks, strip);
          },
          (strip) => {
            drawMeasured(sheet, data, content.stage, null, strip);
          },
        );
        break;
      }
      case 'raster': {
        const row = height / content.workers;
        for (let worker = 0; worker < content.workers; worker += 1) {
          this.#paintLane(
            painting,
            sheet,
            {
              ...lane,
              content: { kind: 'worker', stage: content.stage, worker },
              y: y + worker * row,
              height: row,
            },
            from,
          );
        }
        break;
      }
      case 'thread': {
        const track = data.threads[content.thread];
        paint(from, width, (strip) => {
          if (track) drawThread(sheet, track, strip);
        });
        break;
      }
      case 'threads':
        paint(from, width, (strip) => {
          drawShares(sheet, data.threads, strip);
        });
        break;
    }
  }
}

/** Up to where events say everything. */
function within(sheet: Sheet, data: TimelineData): Sheet {
  return { ...sheet, until: Math.min(sheet.until, data.exactUntil) };
}

function tracksOf(data: TimelineData, stage: number): StateTrack[] {
  const tracks: StateTrack[] = [];
  for (let worker = 0; worker < data.workersOf(stage); worker += 1) {
    const track = data.worker(stage, worker);
    if (track) tracks.push(track);
  }
  return tracks;
}

/** How much of the end of a lane is painted again when something is added, in CSS pixels. */
const TAIL = 6;

/** Returns from where on a lane will have to be painted again: numbers are in the middle of their spans. */
function tailOf(sheet: Sheet, data: TimelineData, { content }: Lane): number {
  const end = toX(sheet, sheet.until);
  if (content.kind !== 'worker') return end - TAIL;
  const track = data.worker(content.stage, content.worker);
  if (!track || track.length === 0) return end - TAIL;
  const index = Math.max(track.begin, track.indexAt(sheet.until));
  return Math.min(end - TAIL, toX(sheet, track.time(index)) - 1);
}

function isSame(one: Painting, other: Painting): boolean {
  return (
    one.data === other.data &&
    one.lanes === other.lanes &&
    one.window.from === other.window.from &&
    one.window.to === other.window.to &&
    one.width === other.width &&
    one.height === other.height &&
    one.palette === other.palette &&
    one.pixels === other.pixels &&
    one.scale === other.scale &&
    one.rateLength === other.rateLength &&
    one.rateMost === other.rateMost
  );
}
