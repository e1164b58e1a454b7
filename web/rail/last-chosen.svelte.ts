// Which of two things was chosen last.

/** Must be created during component initialization. */
export class LastChosen {
  isRecord = $state(true);

  /** @param record the record that is chosen, and `other` the other thing; null if none is */
  constructor(record: () => unknown, other: () => unknown) {
    $effect(() => {
      if (record() !== null) this.isRecord = true;
    });
    $effect(() => {
      if (other() !== null) this.isRecord = false;
    });
  }
}
