// Property tests try the same inputs each time, so that a failure belongs to the change that was made. Long tests try
// others.

import fc from 'fast-check';
import { isLong } from './long-tests';

if (!isLong) fc.configureGlobal({ seed: 28 });
