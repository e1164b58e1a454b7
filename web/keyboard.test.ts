import { expect, test, vi } from 'vitest';
import { Keyboard, keyName } from './keyboard';
import type { KeyPress } from './keyboard';

/** Returns an element that matches these selectors. */
const element = (...selectors: string[]) =>
  ({
    closest: (list: string) =>
      list.split(', ').some((selector) => selectors.includes(selector)) ? {} : null,
  }) as unknown as EventTarget;

const press = (key: string, changes: Partial<KeyPress> = {}): KeyPress => ({
  key,
  altKey: false,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  defaultPrevented: false,
  target: element('body'),
  ...changes,
});

function make() {
  const done = vi.fn<(key: string) => void>();
  const keys = [' ', 's', '?', 'ArrowLeft', 'Shift+ArrowLeft', 'J', 'Mod+k', 'Home'];
  const keyboard = new Keyboard(
    keys.map((key) => ({
      title: key,
      keys: [key],
      run: () => {
        done(key);
      },
    })),
  );
  return { keyboard, done };
}

test('a key does what it is for', () => {
  const { keyboard, done } = make();
  expect(keyboard.press(press('s'))).toBe(true);
  expect(keyboard.press(press('x'))).toBe(false);
  expect(done.mock.calls).toEqual([['s']]);
});

test.each<[string, Partial<KeyPress>]>([
  ['with Ctrl', { ctrlKey: true }],
  ['with Alt', { altKey: true }],
  ['with Command', { metaKey: true }],
  ['that somebody else has used', { defaultPrevented: true }],
  ['typed into a box', { target: element('input') }],
  ['typed into a text', { target: element('textarea') }],
  ['in a list', { target: element('select') }],
  ['in a dialog', { target: element('dialog[open]') }],
])('not %s', (_, changes) => {
  const { keyboard, done } = make();
  expect(keyboard.press(press('s', changes))).toBe(false);
  expect(done).not.toHaveBeenCalled();
});

test('a control keeps the keys that it uses, and no others', () => {
  const { keyboard } = make();
  const used = (key: string, ...selectors: string[]) =>
    !keyboard.press(press(key, { target: element(...selectors) }));
  expect(used(' ', 'button')).toBe(true);
  expect(used('s', 'button')).toBe(false);
  expect(used(' ', 'input', 'input[type=checkbox]')).toBe(true);
  expect(used('s', 'input', 'input[type=checkbox]')).toBe(false);
  expect(used('ArrowLeft', 'input', 'input[type=range]')).toBe(true);
  expect(used('s', 'input', 'input[type=range]')).toBe(false);
});

test('switched off, only the sheet opens', () => {
  const { keyboard, done } = make();
  keyboard.enabled = false;
  keyboard.press(press('s'));
  keyboard.press(press('?'));
  expect(done.mock.calls).toEqual([['?']]);
});

test('modifiers', () => {
  const { keyboard, done } = make();
  keyboard.press(press('ArrowLeft', { shiftKey: true }));
  keyboard.press(press('J', { shiftKey: true }));
  keyboard.press(press('k', { ctrlKey: true }));
  keyboard.press(press('k', { metaKey: true, target: element('input') }));
  keyboard.press(press('k'));
  keyboard.press(press('k', { ctrlKey: true, target: element('dialog[open]') }));
  expect(done.mock.calls.flat()).toEqual(['Shift+ArrowLeft', 'J', 'Mod+k', 'Mod+k']);
});

test('a command works where single letters are switched off', () => {
  const { keyboard, done } = make();
  keyboard.enabled = false;
  keyboard.press(press('k', { ctrlKey: true }));
  expect(done.mock.calls.flat()).toEqual(['Mod+k']);
});

test('what would do nothing leaves the key to the browser', () => {
  const run = vi.fn();
  const keyboard = new Keyboard([{ title: '', keys: ['s'], isEnabled: () => false, run }]);
  expect(keyboard.press(press('s'))).toBe(false);
  expect(run).not.toHaveBeenCalled();
});

test('a key has one meaning', () => {
  const action = { title: '', keys: ['s'], run: () => undefined };
  expect(() => new Keyboard([action, action])).toThrow('two actions for the key “s”');
});

test('names', () => {
  const keys = [' ', 'ArrowLeft', 's', 'Shift+ArrowLeft', 'Mod+k', '+'];
  expect(keys.map((key) => keyName(key, false))).toEqual([
    ...['Space', '←', 's', 'Shift ←', 'Ctrl K', '+'],
  ]);
  expect(keyName('Mod+k', true)).toBe('⌘ K');
});
