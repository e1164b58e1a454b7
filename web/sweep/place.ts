// Where a window is beside what it belongs to.

/** A box on the screen, in pixels. */
export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** Keeps this far from the edges, and from what it belongs to. */
const [EDGE, GAP] = [8, 8];

const within = (value: number, most: number): number =>
  Math.max(EDGE, Math.min(value, most - EDGE));

/**
 * Returns the position of a window: below its control if there is room, else beside it. Without a control on the screen
 * it is in the middle.
 */
export function placeBeside(
  control: Box | null,
  size: { width: number; height: number },
  screen: { width: number; height: number },
): { left: number; top: number } {
  const lastLeft = screen.width - size.width;
  const lastTop = screen.height - size.height;
  if (!control) return { left: within(lastLeft / 2, lastLeft), top: within(lastTop / 2, lastTop) };
  const centred = within(control.left + control.width / 2 - size.width / 2, lastLeft);
  const below = control.top + control.height + GAP;
  if (below <= lastTop - EDGE) return { left: centred, top: below };
  const right = control.left + control.width + GAP;
  const left = control.left - GAP - size.width;
  return {
    left: right <= lastLeft - EDGE ? right : within(left, lastLeft),
    top: within(control.top + control.height / 2 - size.height / 2, lastTop),
  };
}
