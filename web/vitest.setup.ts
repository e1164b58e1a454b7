// Property tests try the same inputs each time, so that a failure belongs to the change that was made. With
// CLEARPIPE_LONG=1 they try others.

import fc from 'fast-check';

const env = import.meta.env as Readonly<Record<string, string | undefined>>;
if (env['CLEARPIPE_LONG'] === undefined) fc.configureGlobal({ seed: 28 });
