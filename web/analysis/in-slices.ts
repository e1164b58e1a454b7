// Long work in short slices, between which the page can draw and react.

/** For how many milliseconds it works at a time. */
const SLICE = 8;

/**
 * Repeats a step until it returns true, in slices. The first slice is worked off at once.
 *
 * @param isWanted whether to go on; asked between slices
 * @returns whether it was worked off
 */
export async function inSlices(step: () => boolean, isWanted = () => true): Promise<boolean> {
  for (;;) {
    const end = performance.now() + SLICE;
    do {
      if (step()) return true;
    } while (performance.now() < end);
    await new Promise((resolve) => setTimeout(resolve));
    if (!isWanted()) return false;
  }
}
