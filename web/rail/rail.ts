// What the parts of the rail have in common.

/**
 * How the rail is laid out: beside the picture; as a band above it, to be read from a distance; on a phone, in the sheet
 * below it.
 */
export type Form = 'rail' | 'band' | 'sheet';
