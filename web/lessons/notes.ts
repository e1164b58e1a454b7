// The window with the instructor's notes.

import { mount, unmount } from 'svelte';
import type { Learn } from './learn.svelte';
import NotesWindow from './NotesWindow.svelte';

/** Opens the window, or brings it to the front. Returns it; null if the browser didn't allow it. */
export function openNotes(learn: Learn): Window | null {
  const notes = window.open('', 'clearpipe-notes', 'popup,width=520,height=760');
  if (!notes) return null;
  const { document: own } = notes;
  notes.focus();
  if (own.body.childElementCount > 0) return notes;
  own.title = 'Clearpipe: notes for the instructor';
  own.documentElement.lang = 'en';
  const { theme } = document.documentElement.dataset;
  if (theme !== undefined) own.documentElement.dataset.theme = theme;
  for (const style of document.querySelectorAll('link[rel=stylesheet], style')) {
    const copy = own.importNode(style, true);
    // Its own address is that of no page, so relative ones lead nowhere.
    if (style instanceof HTMLLinkElement) copy.setAttribute('href', style.href);
    own.head.append(copy);
  }
  const shown = mount(NotesWindow, { target: own.body, props: { learn } });
  notes.addEventListener('pagehide', () => void unmount(shown));
  // They are about the lessons of this page.
  window.addEventListener('pagehide', () => {
    notes.close();
  });
  return notes;
}
