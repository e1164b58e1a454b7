// The shortcuts of the page: the keys of its actions.

import { isEnabled } from './actions/action';
import type { Action } from './actions/action';

/** The part of an action that the keyboard needs. */
export type KeyAction = Pick<Action, 'title' | 'keys' | 'isEnabled' | 'run'>;

/** The relevant part of a keyboard event. */
export type KeyPress = Pick<
  KeyboardEvent,
  'key' | 'altKey' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'defaultPrevented' | 'target'
>;

/** The key that is always there, since its sheet explains how to switch the others on again. */
const HELP = '?';

const NAMES: Readonly<Record<string, string>> = {
  ' ': 'Space',
  ArrowLeft: '←',
  ArrowRight: '→',
  Escape: 'Esc',
};

/** Whether the modifier of commands is ⌘ rather than Ctrl. */
const isApple = (): boolean =>
  typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.userAgent);

/** Returns the label of a key, such as `Shift ←` or `Ctrl K`. */
export function keyName(key: string, apple = isApple()): string {
  const parts = /^(Mod\+)?(Shift\+)?(.+)$/s.exec(key) ?? [];
  const [, mod, shift, last = key] = parts;
  const name = NAMES[last] ?? (mod ? last.toUpperCase() : last);
  return [mod && (apple ? '⌘' : 'Ctrl'), shift && 'Shift', name].filter(Boolean).join(' ');
}

/** Returns how actions spell what was pressed. */
function spelled({ key, ctrlKey, metaKey, shiftKey }: KeyPress): string {
  // Of what is typed, Shift is a part.
  const isNamed = key.length > 1 || key === ' ';
  return `${ctrlKey || metaKey ? 'Mod+' : ''}${shiftKey && isNamed ? 'Shift+' : ''}${key}`;
}

/** Whether a key moves what has the focus. */
const isMove = (key: string): boolean => key.startsWith('Arrow') || key === 'Home' || key === 'End';

/** Whether a control uses this key itself. */
function handlesKey(element: Element, key: string): boolean {
  const within = (selector: string) => element.closest(selector) !== null;
  if (within('dialog[open], select, textarea, [contenteditable]')) return true;
  // Sliders use the arrow keys, checkboxes the space bar; text can be typed into all others.
  if (within('input[type=checkbox]')) return key === ' ';
  if (within('input[type=range], input[type=radio]')) return isMove(key) || key === ' ';
  if (within('input')) return true;
  if (key === ' ') return within('button, summary, a, [role=button]');
  // Overflowing content is scrolled with these keys.
  return isMove(key) && within('[tabindex], [role=slider], [role=tab]');
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
  readonly #actions = new Map<string, KeyAction>();
  /** Single-letter shortcuts interfere with speech input, so they can be switched off. */
  enabled = true;

  /** @throws Error if two actions have the same key */
  constructor(actions: readonly KeyAction[]) {
    for (const action of actions) {
      for (const key of action.keys ?? []) {
        if (this.#actions.has(key)) {
          throw new Error(`two actions for the key “${keyName(key)}”`);
        }
        this.#actions.set(key, action);
      }
    }
  }

  /**
   * Runs the action of a key. Returns whether there is one, in which case the browser should not handle the key too.
   */
  press(event: KeyPress): boolean {
    if (event.defaultPrevented || event.altKey) return false;
    const key = spelled(event);
    const action = this.#actions.get(key);
    const isCommand = event.ctrlKey || event.metaKey;
    if (!action || (!this.enabled && !isCommand && key !== HELP)) return false;
    const element = event.target as Partial<Element> | null;
    // Nothing is typed with a command, but what is open has to be closed first.
    const isTaken = (element: Element) =>
      isCommand ? element.closest('dialog[open]') !== null : handlesKey(element, event.key);
    if (element?.closest && isTaken(element as Element)) return false;
    if (!isEnabled(action)) return false;
    action.run();
    return true;
  }
}
