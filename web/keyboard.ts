// The shortcuts of the page, defined in one place for the keyboard and the sheet that lists them.

export interface Shortcut {
  /** As in `KeyboardEvent.key`: `s`, `?`, `ArrowLeft`; ` ` for the space bar. */
  key: string;
  description: string;
  action: () => void;
}

/** The relevant part of a keyboard event. */
export type KeyPress = Pick<
  KeyboardEvent,
  'key' | 'altKey' | 'ctrlKey' | 'metaKey' | 'defaultPrevented' | 'target'
>;

const NAMES: Readonly<Record<string, string>> = {
  ' ': 'Space',
  ArrowLeft: '←',
  ArrowRight: '→',
};

/** Returns the label of a key. */
export function keyName(key: string): string {
  return NAMES[key] ?? key;
}

/** Whether a control uses this key itself. */
function handlesKey(element: Element, key: string): boolean {
  const within = (selector: string) => element.closest(selector) !== null;
  if (within('dialog[open], select, textarea, [contenteditable]')) return true;
  // Sliders use the arrow keys, checkboxes the space bar; text can be typed into all others.
  if (within('input[type=checkbox]')) return key === ' ';
  if (within('input[type=range], input[type=radio]')) return key.startsWith('Arrow') || key === ' ';
  if (within('input')) return true;
  if (key === ' ') return within('button, summary, a, [role=button]');
  // Overflowing content is scrolled with the arrow keys.
  return key.startsWith('Arrow') && within('[tabindex], [role=slider], [role=tab]');
}

/**
 * Blurs a button clicked with the mouse, so that the space bar then belongs to the page rather than to that button.
 * Buttons activated by keyboard or screen reader keep the focus.
 */
export function blurClicked(event: MouseEvent): void {
  const isPointed = 'pointerType' in event && event.pointerType !== '';
  const clicked = event.target instanceof Element ? event.target.closest('button, summary') : null;
  // The action may have moved the focus, and a dialog must not lose it.
  if (!isPointed || clicked === null || clicked !== document.activeElement) return;
  if (clicked.closest('dialog') === null) (clicked as HTMLElement).blur();
}

/** The shortcuts of a page. */
export class Keyboard {
  readonly #shortcuts: Shortcut[] = [];
  /** Single-letter shortcuts interfere with speech input, so they can be switched off. */
  enabled = true;

  constructor(shortcuts: readonly Shortcut[] = []) {
    this.add(...shortcuts);
  }

  get shortcuts(): readonly Shortcut[] {
    return this.#shortcuts;
  }

  /**
   * Adds shortcuts.
   *
   * @throws Error if a key is taken
   */
  add(...shortcuts: readonly Shortcut[]): void {
    for (const shortcut of shortcuts) {
      if (this.#shortcuts.some(({ key }) => key === shortcut.key)) {
        throw new Error(`two shortcuts for the key “${keyName(shortcut.key)}”`);
      }
      this.#shortcuts.push(shortcut);
    }
  }

  /**
   * Runs the action of a key. Returns whether there is one, in which case the browser should not handle the key too.
   */
  press(event: KeyPress): boolean {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return false;
    const shortcut = this.#shortcuts.find(({ key }) => key === event.key);
    // The sheet explains how to switch them on again.
    if (!shortcut || (!this.enabled && event.key !== '?')) return false;
    const element = event.target as Partial<Element> | null;
    if (element?.closest && handlesKey(element as Element, event.key)) return false;
    shortcut.action();
    return true;
  }
}
