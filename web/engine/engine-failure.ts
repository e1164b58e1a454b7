// What broke, in words; and beside them, for a report of the error, the raw text of the engine or the browser.

/** Why an engine can't go on. */
export interface EngineFailure {
  /** A sentence, to stand behind the one that says that the engine stopped. */
  message: string;
  /** What nobody but a developer understands. */
  details: string | null;
}

export const UNRESPONSIVE: EngineFailure = { message: 'It stopped responding.', details: null };
export const NOT_ABORTED: EngineFailure = {
  message: 'It did not answer when the run was aborted.',
  details: null,
};
export const CLOSED: EngineFailure = { message: 'The page shut it down.', details: null };

/** What is said of it where nothing else is. */
export function stopped({ message }: EngineFailure): string {
  return `The engine stopped. ${message}`;
}

/** What was wanted of an engine is not to be had, as it has ended. */
export class EngineEnded extends Error {
  override readonly name = 'EngineEnded';

  constructor(failure: EngineFailure) {
    super(stopped(failure));
  }
}

/** The text of whatever was thrown. */
export function rawText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Nobody was prepared for this. */
export function internalError(details: string): EngineFailure {
  return { message: 'The cause is an error in Clearpipe.', details };
}

/** Why an engine can't go on that has thrown this. */
export function engineFailureOf(error: unknown): EngineFailure {
  // WebAssembly ends without saying why: an allocation that fails can't say so.
  if (!(error instanceof WebAssembly.RuntimeError)) return internalError(rawText(error));
  return {
    message:
      'The cause is an error in Clearpipe, or memory ran out. Try fewer workers or smaller buffers.',
    details: rawText(error),
  };
}

/** Whether the engine itself broke, and not what it was to do. */
export function isEngineError(error: unknown): boolean {
  return (
    error instanceof WebAssembly.RuntimeError ||
    (error instanceof Error && error.name === 'EngineError')
  );
}

/** Why a file of the user’s can’t be read, to follow a colon. */
export function whyUnreadable(error: unknown): string {
  // Browsers word these differently, and for developers.
  if (!(error instanceof DOMException)) return rawText(error);
  return error.name === 'NotReadableError' || error.name === 'NotFoundError'
    ? 'it was probably changed, moved or removed after it had been chosen; choose it again'
    : 'the browser doesn’t let this page read it; choose it again';
}
