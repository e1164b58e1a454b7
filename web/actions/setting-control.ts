// The controls of settings: which ones the page has for the present settings, and the way to one.

import type { Session } from '../session.svelte';
import { LABELS } from '../settings/labels';

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

/** The settings that only generated records have. */
const GENERATED: readonly string[] = [
  ...['records', 'seed', 'generator.invalid_value', 'generator.invalid_unit'],
  'transformer.threshold',
];

/** Whether a setting is about where records come from, rather than how they are processed. */
export const isOfSource = (path: string): boolean =>
  GENERATED.includes(path) || path.startsWith('input.') || path.startsWith('generator.');

/** Whether the page has a control for a setting now, by its path in the configuration: some belong to a choice. */
export function hasControl({ settings, info }: Session, path: string): boolean {
  if (path.startsWith('input.')) return settings.source === 'file' && controlOf(path) !== null;
  if (GENERATED.includes(path)) return settings.source === 'generator';
  if (path === 'runtime.cores') return settings.runtime === 'virtual';
  if (path === 'runtime.threads') return settings.runtime === 'pool' && info?.kind !== 'single';
  return true;
}

/** Returns the control of a setting, wherever it is on the page; null if it isn't there at the moment. */
function controlOf(path: string): Control | null {
  const label = LABELS[path];
  if (label === undefined) return null;
  for (const control of document.querySelectorAll<Control>('input, select, textarea')) {
    const name = control.getAttribute('aria-label') ?? control.labels?.[0]?.textContent.trim();
    if (name === label && !control.disabled) return control;
  }
  return null;
}

/**
 * Takes the user to the control of a setting: unfolds what it is in.
 *
 * @param reveal opens the part of the page that an element is in, and gives the element the focus
 */
export async function showControl(
  path: string,
  reveal: (control: HTMLElement) => Promise<void>,
): Promise<void> {
  const control = controlOf(path);
  if (!control) return;
  for (
    let around = control.closest('details');
    around !== null;
    around = around.parentElement?.closest('details') ?? null
  ) {
    around.open = true;
  }
  await reveal(control);
}
