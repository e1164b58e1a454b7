// What the inspector can be about, besides a record.

/** The number of a worker that stands for all of its stage. */
export const ALL_WORKERS = -1;
