// Property tests use the same seed each time, so that a failure is due to the change at hand. With CLEARPIPE_LONG=1,
// seeds are random.

import fc from 'fast-check';

const env = import.meta.env as Readonly<Record<string, string | undefined>>;
if (env['CLEARPIPE_LONG'] === undefined) fc.configureGlobal({ seed: 28 });
