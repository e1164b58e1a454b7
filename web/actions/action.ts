// What a user can do on the page. One list of these feeds the keyboard, its sheet and the palette.

export const GROUPS = [
  ...[
    'Run',
    'Playback',
    'Jump to',
    'Record',
    'Compare',
    'Lesson',
    'Level',
    'Situation',
    'Setting',
    'Panel',
  ],
  ...['Speed', 'View', 'Share', 'Help'],
] as const;
export type Group = (typeof GROUPS)[number];

export interface Action {
  /** Identifies it among all actions: `run`, `preset.burst`. */
  readonly id: string;
  /** In plain English, as in a menu. */
  readonly title: string;
  readonly group: Group;
  /**
   * The keys that do it, each as in `KeyboardEvent.key`, with `Mod+` (Ctrl or ⌘) or, for keys that type nothing,
   * `Shift+` in front: `s`, `?`, `Shift+ArrowLeft`, `Mod+k`.
   */
  readonly keys?: readonly string[];
  /** Further words by which it is found. */
  readonly words?: string;
  /** A present value, such as that of a setting or the time of a moment. */
  readonly note?: () => string;
  /** Whether it would do anything now. By default it would. */
  readonly isEnabled?: () => boolean;
  readonly run: () => void;
}

export const isEnabled = (action: Pick<Action, 'isEnabled'>): boolean =>
  action.isEnabled?.() ?? true;
