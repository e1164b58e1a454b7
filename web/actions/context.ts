// What the actions of the page are about.

import type { Address } from '../address.svelte';
import type { Learning } from '../learning.svelte';
import type { Compare } from '../compare/compare.svelte';
import type { Exports } from '../exports/exports.svelte';
import type { PictureControls } from '../picture/controls';
import type { Screen } from '../screen.svelte';
import type { Session } from '../session.svelte';
import type { Sweep } from '../sweep/sweep.svelte';
import type { View } from '../view.svelte';

/** A part of the page that can be gone to. */
export interface Panel {
  readonly id: string;
  /** As its heading or tab says. */
  readonly title: string;
  readonly words?: string;
  readonly open: () => void;
}

/** What actions are about. */
export interface ActionContext {
  readonly session: Session;
  /** What is on screen: of two runs beside each other, the one whose clock counts. */
  readonly screen: Screen;
  readonly view: View;
  readonly address: Address;
  /** The controls of the settings as they are. */
  readonly controls: () => PictureControls;
  readonly sweep: Sweep;
  readonly comparing: Compare;
  readonly learning: Learning;
  readonly exports: Exports;
  readonly panels: readonly Panel[];
  /** Whether the page has a control for a setting now, by its path in the configuration. */
  readonly hasSetting: (path: string) => boolean;
  /** Opens the control of a setting and gives it the focus. */
  readonly showSetting: (path: string) => void;
  /** Gives the focus to the field in which a record is asked for. */
  readonly findRecord: () => void;
  readonly openPalette: () => void;
  readonly openHelp: () => void;
}
