// With CLEARPIPE_LONG=1, tests that generate their inputs try different ones each time, for
// FUZZ_SECONDS (default: 600).

// Vitest provides the environment here.
const env = import.meta.env as Readonly<Record<string, string | undefined>>;

export const isLong = env['CLEARPIPE_LONG'] !== undefined;

/** How long a long test takes, in milliseconds. */
export const LONG_TEST_TIME = 1000 * Number(env['FUZZ_SECONDS'] ?? 600);
