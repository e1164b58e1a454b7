// The page's shortcuts: which key does what, told in one place for the keyboard and for the sheet that lists them.

export interface Shortcut {
  /** As `KeyboardEvent.key` has it: `s`, `?`, `ArrowLeft`; a space is ` `. */
  key: string;
  description: string;
  action: () => void;
}

/** What of a keyboard's event matters here. */
export type KeyPress = Pick<
  KeyboardEvent,
  'key' | 'altKey' | 'ctrlKey' | 'metaKey' | 'defaultPrevented' | 'target'
>;

const NAMES: Readonly<Record<string, string>> = {
  ' ': 'Space',
  ArrowLeft: '←',
  ArrowRight: '→',
};

/** What is written on the key. */
export function keyName(key: string): string {
  return NAMES[key] ?? key;
}

/** Controls that have a use of their own for any key, or for this one. */
function handlesKey(element: Element, key: string): boolean {
  const within = (selector: string) => element.closest(selector) !== null;
  if (within('dialog[open], select, textarea, [contenteditable]')) return true;
  // A slider takes the arrows; a box to tick, the space; all others are typed into.
  if (within('input[type=checkbox]')) return key === ' ';
  if (within('input[type=range], input[type=radio]')) return key.startsWith('Arrow') || key === ' ';
  if (within('input')) return true;
  if (key === ' ') return within('button, summary, a, [role=button]');
  // What is wider than its place scrolls with the arrows.
  return key.startsWith('Arrow') && within('[tabindex], [role=slider], [role=tab]');
}

/**
 * Whoever has clicked a button with the mouse means the page with the next space, not that button again. Who has come to
 * it by keyboard, or has a screen reader click it, keeps it.
 */
export function blurClicked(event: MouseEvent): void {
  const isPointed = 'pointerType' in event && event.pointerType !== '';
  const clicked = event.target instanceof Element ? event.target.closest('button, summary') : null;
  // Its action may have put the focus elsewhere; and what is in a dialog must not lose it.
  if (!isPointed || clicked === null || clicked !== document.activeElement) return;
  if (clicked.closest('dialog') === null) (clicked as HTMLElement).blur();
}

/** The shortcuts of a page. */
export class Keyboard {
  readonly #shortcuts: Shortcut[] = [];
  /** Single letters get in the way of who speaks to the computer. */
  enabled = true;

  constructor(shortcuts: readonly Shortcut[] = []) {
    this.add(...shortcuts);
  }

  get shortcuts(): readonly Shortcut[] {
    return this.#shortcuts;
  }

  /** @throws Error if a key is taken */
  add(...shortcuts: readonly Shortcut[]): void {
    for (const shortcut of shortcuts) {
      if (this.#shortcuts.some(({ key }) => key === shortcut.key)) {
        throw new Error(`two shortcuts for the key “${keyName(shortcut.key)}”`);
      }
      this.#shortcuts.push(shortcut);
    }
  }

  /** Does what the key is for. Whether it was for anything: the browser then is not to use it as well. */
  press(event: KeyPress): boolean {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return false;
    const shortcut = this.#shortcuts.find(({ key }) => key === event.key);
    // The sheet says how to switch them on again.
    if (!shortcut || (!this.enabled && event.key !== '?')) return false;
    const element = event.target as Partial<Element> | null;
    if (element?.closest && handlesKey(element as Element, event.key)) return false;
    shortcut.action();
    return true;
  }
}
