// Why an event log can't be opened, in words.

import { EngineEnded, whyUnreadable } from '../engine/engine-failure';
import { visible } from '../visible';

/** Why an event log can't be opened, to follow a colon. */
export class LogNotOpened extends Error {
  static because(error: unknown): LogNotOpened {
    return new LogNotOpened(
      error instanceof EngineEnded
        ? 'the engine stopped meanwhile; open it again'
        : visible(whyUnreadable(error)),
    );
  }
}
