// Changes a value by dragging sideways, with the arrow keys, and back with a double click: all controls of the picture
// behave alike.

export interface Adjustable {
  /** Changes the value by so many steps. */
  nudge: (steps: number) => void;
  reset: () => void;
}

/** How far the pointer moves for a step, in pixels. */
const PER_STEP = 8;

/** Beyond this, it is a drag and not a click. */
const THRESHOLD = 4;

/** A Svelte action. */
export function adjustable(
  element: HTMLElement,
  target: Adjustable,
): { update: (target: Adjustable) => void; destroy: () => void } {
  let current = target;
  let from: { x: number; done: number; isDragging: boolean } | null = null;

  const onKey = (event: KeyboardEvent) => {
    const direction = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1 }[event.key];
    if (direction === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    current.nudge(direction * (event.shiftKey ? 10 : 1));
  };
  const onDown = (event: PointerEvent) => {
    if (event.button !== 0) return;
    from = { x: event.clientX, done: 0, isDragging: false };
    element.setPointerCapture(event.pointerId);
  };
  const onMove = (event: PointerEvent) => {
    if (!from) return;
    const way = event.clientX - from.x;
    if (Math.abs(way) > THRESHOLD) from.isDragging = true;
    const steps = Math.trunc(way / PER_STEP);
    if (!from.isDragging || steps === from.done) return;
    current.nudge((steps - from.done) * (event.shiftKey ? 10 : 1));
    from.done = steps;
  };
  const onUp = () => {
    // The click that ends a drag isn't meant as one.
    if (from?.isDragging) {
      const swallow = (event: Event) => {
        event.stopPropagation();
        event.preventDefault();
      };
      element.addEventListener('click', swallow, { capture: true, once: true });
      setTimeout(() => {
        element.removeEventListener('click', swallow, { capture: true });
      });
    }
    from = null;
  };
  const onDouble = () => {
    current.reset();
  };
  const listeners = [
    ['keydown', onKey],
    ['pointerdown', onDown],
    ['pointermove', onMove],
    ['pointerup', onUp],
    ['pointercancel', onUp],
    ['dblclick', onDouble],
  ] as const;
  for (const [name, listener] of listeners) {
    element.addEventListener(name, listener as EventListener);
  }
  return {
    update: (next) => {
      current = next;
    },
    destroy: () => {
      for (const [name, listener] of listeners) {
        element.removeEventListener(name, listener as EventListener);
      }
    },
  };
}

/** Returns a step that suits a value: a tenth of its magnitude. */
export function stepFor(value: number): number {
  return value > 0 ? 10 ** (Math.floor(Math.log10(value)) - 1) : 1;
}
