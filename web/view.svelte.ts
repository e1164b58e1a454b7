// How the page is displayed: its theme, and presenter mode. The theme is stored in the browser, if possible.

export const THEMES = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const THEME_KEY = 'clearpipe-theme';

/** Private windows may refuse; then the choice lasts as long as the page. */
function stored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function store(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Storing it is a convenience.
  }
}

export function nextTheme(theme: Theme): Theme {
  return THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'auto';
}

export class View {
  theme = $state<Theme>('auto');
  /** Large, and without what doesn't matter to an audience. Not stored, since it is for a single session. */
  presenter = $state(false);

  constructor() {
    const theme = stored(THEME_KEY);
    this.theme = THEMES.find((known) => known === theme) ?? 'auto';
    this.#show();
  }

  /** Cycles through automatic, light and dark. */
  cycleTheme(): void {
    this.setTheme(nextTheme(this.theme));
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    store(THEME_KEY, this.theme);
    this.#show();
  }

  togglePresenter(): void {
    this.presenter = !this.presenter;
    this.#show();
  }

  #show(): void {
    const root = document.documentElement;
    if (this.theme === 'auto') delete root.dataset.theme;
    else root.dataset.theme = this.theme;
    root.toggleAttribute('data-presenter', this.presenter);
  }
}
