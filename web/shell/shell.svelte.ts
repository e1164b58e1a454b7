// Which parts of the page are open: the tab of the dock, and what is behind “More”.

import { tick } from 'svelte';

export const TABS = [
  { id: 'timeline', title: 'Timeline' },
  { id: 'charts', title: 'Charts' },
  { id: 'results', title: 'Results' },
  { id: 'source', title: 'Source' },
  { id: 'code', title: 'Code' },
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

  /** Opens the part of the page that an element is in, brings it into view and gives it the focus. */
  async reveal(element: HTMLElement): Promise<void> {
    if (element.closest('#more')) this.isMoreOpen = true;
    const panel = element.closest<HTMLElement>('[data-tab]')?.dataset.tab;
    const tab = TABS.find(({ id }) => id === panel);
    if (tab) this.tab = tab.id;
    await tick();
    element.scrollIntoView({ block: 'nearest' });
    element.focus({ preventScroll: true });
  }
}
