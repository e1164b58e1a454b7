// What dialogs have in common: they are modal, and Escape and a click beside them close them.

import { untrack } from 'svelte';
import type { Attachment } from 'svelte/attachments';

interface Modal {
  isOpen: () => boolean;
  /** Called before it opens. */
  onopen?: () => void;
  /** Called when the user closes it; from then on, `isOpen` is to return false. */
  onclose: () => void;
}

/** Closes a dialog and gives the focus back. */
export function closeDialog(dialog: HTMLDialogElement): void {
  dialog.close();
  // If nothing had the focus before, the browser takes it from what is hidden only a frame later, and keys would go there.
  const { activeElement } = document;
  if (activeElement instanceof HTMLElement && dialog.contains(activeElement)) activeElement.blur();
}

/** Opens and closes a dialog that is filled by its content, so that a click on the dialog itself is beside it. */
export function modal({ isOpen, onopen, onclose }: Modal): Attachment<HTMLDialogElement> {
  return (dialog) => {
    $effect(() => {
      const isWanted = isOpen();
      if (isWanted && !dialog.open) {
        untrack(() => onopen?.());
        dialog.showModal();
      } else if (!isWanted && dialog.open) closeDialog(dialog);
    });
    const clicked = ({ target }: MouseEvent) => {
      if (target === dialog) onclose();
    };
    const closed = () => {
      // The event comes a moment after the dialog has closed. By then it may have been opened again.
      if (!dialog.open) onclose();
    };
    dialog.addEventListener('click', clicked);
    dialog.addEventListener('close', closed);
    return () => {
      dialog.removeEventListener('click', clicked);
      dialog.removeEventListener('close', closed);
    };
  };
}
