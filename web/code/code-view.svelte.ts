// What of the code is shown: the language, and the stage while none is chosen in the picture.

import { NODE } from '../recording/events';
import type { Language } from './section';

export class CodeView {
  /** `both` where there is room for two. */
  language = $state<Language | 'both'>('rust');
  /** The stage that was shown last. */
  stage = $state<number>(NODE.validator);
}
