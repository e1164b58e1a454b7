// What the pointer, the wheel and the keys do in a timeline: move the playhead, zoom and move the window, measure.

import { windowAt } from './hit';
import type { TimelineView } from './timeline-view.svelte';

/** What a drag does, and between which times. */
export interface Drag {
  kind: 'seek' | 'zoom' | 'measure';
  from: number;
  to: number;
}

/** The timeline that is pointed at. Places are in CSS pixels from the top left corner of the surface. */
export interface Pointed {
  view: TimelineView;
  /** Whether there is anything to point at. */
  isReady: () => boolean;
  plotWidth: () => number;
  /** Where the time axis begins. */
  axisTop: () => number;
  /** Whether a part can be measured; it can, by default. */
  canMeasure?: boolean;
  /** The time on screen, and between which times it can be, in nanoseconds. */
  playback: () => { time: number; begin: number; end: number };
  onseek: (time: number) => void;
  /** The pointer is at a place, and no button is down. */
  onpoint: (x: number, y: number) => void;
  /** A click, with which the playhead has moved there. */
  onclick: (x: number, y: number) => void;
}

/** A pointer that is down. */
interface Down {
  id: number;
  x: number;
  y: number;
}

/** A drag over fewer CSS pixels is a click. */
const CLICK = 3;

/** The pixels of a line, for wheels that report lines; a notch is about 100 pixels. */
const LINE = 33;

type SurfaceEvent = MouseEvent & { currentTarget: EventTarget | null };

export class Pointing {
  drag = $state.raw<Drag | null>(null);
  readonly #timeline: Pointed;
  /** The pointers that are down, for pinching. */
  #pointers: Down[] = [];
  #pinch: { distance: number } | null = null;
  /** Where the playhead is to go with the next frame: a mouse moves more often. */
  #wanted: number | null = null;

  constructor(timeline: Pointed) {
    this.#timeline = timeline;
  }

  /** Moves the playhead to where it was last asked to go. To be called with each frame. */
  seekWanted(): void {
    if (this.#wanted !== null) this.#timeline.onseek(this.#wanted);
    this.#wanted = null;
  }

  /** Whether an event is on the time axis. */
  isOnAxis(event: SurfaceEvent): boolean {
    return this.#placeOf(event).y > this.#timeline.axisTop();
  }

  readonly down = (event: PointerEvent): void => {
    const { view, isReady, axisTop, canMeasure = true } = this.#timeline;
    if (event.button !== 0 || !isReady()) return;
    (event.currentTarget as Element).setPointerCapture(event.pointerId);
    const { x, y, time } = this.#placeOf(event);
    this.#pointers.push({ id: event.pointerId, x, y });
    if (this.#pointers.length === 2) {
      this.#pinch = { distance: distanceOf(this.#pointers) };
      this.drag = null;
      return;
    }
    const isMeasuring = canMeasure && (event.shiftKey || view.isMeasuring);
    const kind = isMeasuring ? 'measure' : y > axisTop() ? 'zoom' : 'seek';
    this.drag = { kind, from: time, to: time };
    if (kind === 'measure') view.measured = { from: time, to: time };
    else if (kind === 'seek') this.#wanted = time;
  };

  readonly move = (event: PointerEvent): void => {
    const { view, plotWidth, onpoint } = this.#timeline;
    const { x, y, time } = this.#placeOf(event);
    this.#pointers = this.#pointers.map((one) =>
      one.id === event.pointerId ? { id: one.id, x, y } : one,
    );
    if (this.#pinch && this.#pointers.length === 2) {
      const distance = distanceOf(this.#pointers);
      const [a, b] = this.#pointers;
      const middle = ((a?.x ?? 0) + (b?.x ?? 0)) / 2;
      view.zoom(this.#pinch.distance / distance, windowAt(view.window, middle / plotWidth()));
      this.#pinch = { distance };
      return;
    }
    const { drag } = this;
    if (!drag) {
      onpoint(x, y);
      return;
    }
    this.drag = { ...drag, to: time };
    if (drag.kind === 'seek') this.#wanted = time;
    else if (drag.kind === 'measure') view.measured = { from: drag.from, to: time };
  };

  readonly up = (event: PointerEvent): void => {
    const { view, plotWidth, onclick } = this.#timeline;
    this.#pointers = this.#pointers.filter(({ id }) => id !== event.pointerId);
    if (this.#pointers.length < 2) this.#pinch = null;
    if (!this.drag) return;
    const { kind, from, to } = this.drag;
    this.drag = null;
    this.seekWanted();
    const { x, y } = this.#placeOf(event);
    const pixels = (Math.abs(to - from) / (view.window.to - view.window.from)) * plotWidth();
    const isClick = pixels < CLICK;
    if (kind === 'zoom' && !isClick) view.show(from, to);
    if (kind === 'measure') {
      view.isMeasuring = false;
      if (isClick) view.measured = null;
    }
    if (kind === 'seek' && isClick) onclick(x, y);
  };

  readonly cancel = (event: PointerEvent): void => {
    this.#pointers = this.#pointers.filter(({ id }) => id !== event.pointerId);
    this.#pinch = null;
    this.drag = null;
  };

  readonly wheel = (event: WheelEvent): void => {
    const { view, isReady, plotWidth } = this.#timeline;
    if (!isReady()) return;
    event.preventDefault();
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : LINE;
    const across = event.shiftKey ? event.deltaY : event.deltaX;
    if (Math.abs(across) > Math.abs(event.shiftKey ? 0 : event.deltaY)) {
      view.pan((across * unit) / plotWidth());
      return;
    }
    const amount = Math.max(-300, Math.min(300, event.deltaY * unit));
    view.zoom(2 ** (amount / (event.ctrlKey ? 100 : 300)), this.#placeOf(event).time);
  };

  readonly key = (event: KeyboardEvent): void => {
    const { view, isReady, playback, onseek } = this.#timeline;
    if (event.ctrlKey || event.metaKey || event.altKey || !isReady()) return;
    const { time, begin, end } = playback();
    const to = (wanted: number) => () => {
      onseek(Math.min(end, Math.max(begin, wanted)));
    };
    const step = event.shiftKey ? view.division : view.division / 10;
    const zoom = (direction: 1 | -1) => () => {
      view.step(direction, time);
    };
    const stopMeasuring = () => {
      view.measured = null;
      view.isMeasuring = false;
    };
    const hasMeasured = view.measured !== null || view.isMeasuring;
    const moves: Readonly<Record<string, (() => void) | undefined>> = {
      ...{ ArrowLeft: to(time - step), ArrowDown: to(time - step) },
      ...{ ArrowRight: to(time + step), ArrowUp: to(time + step) },
      ...{ PageUp: to(time + view.division), PageDown: to(time - view.division) },
      ...{ Home: to(begin), End: to(end) },
      ...{ '+': zoom(1), '=': zoom(1), '-': zoom(-1) },
      Escape: hasMeasured ? stopMeasuring : undefined,
    };
    const move = moves[event.key];
    if (!move) return;
    move();
    view.reveal(playback().time);
    event.preventDefault();
    event.stopPropagation();
  };

  #placeOf(event: SurfaceEvent): { x: number; y: number; time: number } {
    const { view, plotWidth } = this.#timeline;
    const box = (event.currentTarget as Element).getBoundingClientRect();
    const x = Math.min(plotWidth(), Math.max(0, event.clientX - box.left));
    return { x, y: event.clientY - box.top, time: windowAt(view.window, x / plotWidth()) };
  }
}

function distanceOf([a, b]: Down[]): number {
  return a && b ? Math.max(10, Math.hypot(a.x - b.x, a.y - b.y)) : 10;
}
