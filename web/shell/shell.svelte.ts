// Which parts of the page are open: the tab of the dock, and what is behind “More”.

import { tick } from 'svelte';

export const TABS = [
  { id: 'timeline', title: 'Timeline' },
  { id: 'charts', title: 'Charts' },
  { id: 'results', title: 'Results' },
  { id: 'source', title: 'Source' },
  { id: 'bench', title: 'Bench' },
] as const;

export type Tab = (typeof TABS)[number]['id'];

export class Shell {
  tab = $state<Tab>('timeline');
  isMoreOpen = $state(false);

  /** Opens a tab. */
  open(tab: Tab): void {
    this.tab = tab;
  }

  /** Opens the part of the page that has an element, and moves the focus there. */
  async reveal(id: string, where: Tab | 'more'): Promise<void> {
    if (where === 'more') this.isMoreOpen = true;
    else this.tab = where;
    await tick();
    const element = document.getElementById(id);
    element?.scrollIntoView({ block: 'nearest' });
    element?.focus({ preventScroll: true });
  }
}
