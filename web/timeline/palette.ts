// The colours and patterns of the timeline, from the design tokens. With forced colours, those of the system.

import { RECORD_STATE_NAMES } from '../recording/residencies';

export interface LanePalette {
  ink: string;
  soft: string;
  page: string;
  rule: string;
  graticule: string;
  busy: string;
  onBusy: string;
  waiting: string;
  depth: string;
  /** Upright stripes: ready, but no thread or core. */
  ready: CanvasPattern | string;
  /** A plain colour for it, where stripes have no space. */
  readyPlain: string;
  /** Hatched: blocked, or full. */
  blocked: CanvasPattern | string;
  blockedPlain: string;
  press: string;
  /** By state of the record. */
  records: readonly string[];
  font: string;
}

/**
 * Reads the palette off an element, since it depends on the theme.
 *
 * @param pixels device pixels per CSS pixel, so that patterns are crisp
 */
export function lanePaletteOf(element: Element, pixels: number): LanePalette {
  const style = getComputedStyle(element);
  const isForced = matchMedia('(forced-colors: active)').matches;
  const token = (name: string, system: string) =>
    isForced ? system : style.getPropertyValue(name).trim() || 'gray';
  const press = token('--press-fill', 'Highlight');
  const hatch = token('--press-hatch', 'Canvas');
  const ready = token('--ready', 'GrayText');
  const waiting = token('--waiting', 'Canvas');
  return {
    ink: token('--ink', 'CanvasText'),
    soft: token('--ink-soft', 'CanvasText'),
    page: token('--page', 'Canvas'),
    rule: token('--rule', 'GrayText'),
    graticule: token('--graticule', 'GrayText'),
    busy: token('--busy', 'CanvasText'),
    onBusy: token('--on-busy', 'Canvas'),
    waiting,
    depth: token('--depth', 'GrayText'),
    ready:
      pattern(pixels, 5, (context) => {
        context.fillStyle = waiting;
        context.fillRect(0, 0, 5, 5);
        context.fillStyle = ready;
        context.fillRect(0, 0, 2, 5);
      }) ?? ready,
    readyPlain: ready,
    blocked:
      pattern(pixels, 10, (context) => {
        context.fillStyle = press;
        context.fillRect(0, 0, 10, 10);
        context.strokeStyle = hatch;
        context.lineWidth = 2.6;
        context.beginPath();
        // From each corner to corner, and what the neighbouring tiles have of these lines.
        for (const at of [-10, 0, 10]) {
          context.moveTo(at - 2, 12);
          context.lineTo(at + 12, -2);
        }
        context.stroke();
      }) ?? press,
    blockedPlain: press,
    press: token('--press', 'Highlight'),
    records: RECORD_STATE_NAMES.map((state) => token(`--dot-${state}`, 'CanvasText')),
    font: style.fontFamily,
  };
}

/** Makes a pattern of square tiles. Null if the browser gives no canvas for it. */
function pattern(
  pixels: number,
  size: number,
  draw: (context: CanvasRenderingContext2D) => void,
): CanvasPattern | null {
  const tile = document.createElement('canvas');
  tile.width = tile.height = Math.round(size * pixels);
  const context = tile.getContext('2d');
  if (!context) return null;
  const scale = tile.width / size;
  context.scale(scale, scale);
  draw(context);
  const made = context.createPattern(tile, 'repeat');
  made?.setTransform(new DOMMatrix().scale(1 / scale));
  return made;
}
