// Property tests try the same inputs each time, so that a failure is caused by the latest change.
// Long tests try different ones.

import fc from 'fast-check';
import { isLong } from './long-tests';

if (!isLong) fc.configureGlobal({ seed: 28 });
