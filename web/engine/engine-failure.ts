// Failures of the engine in words, with the raw text of the engine or the browser for bug reports.

/** Why an engine can't continue. */
export interface EngineFailure {
  /** A sentence to follow one that says that the engine stopped. */
  message: string;
  /** Details that only a developer understands. */
  details: string | null;
}

export const UNRESPONSIVE: EngineFailure = { message: 'It stopped responding.', details: null };
export const NOT_ABORTED: EngineFailure = {
  message: 'It did not answer when the run was aborted.',
  details: null,
};
export const CLOSED: EngineFailure = { message: 'The page shut it down.', details: null };

/** Returns the full message for use without any other text. */
export function stopped({ message }: EngineFailure): string {
  return `The engine stopped. ${message}`;
}

/** Thrown when a request can't be answered because the engine has ended. */
export class EngineEnded extends Error {
  override readonly name = 'EngineEnded';

  constructor(failure: EngineFailure) {
    super(stopped(failure));
  }
}

/** Returns the text of whatever was thrown. */
export function rawText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Describes an unexpected failure. */
export function internalError(details: string): EngineFailure {
  return { message: 'The cause is an error in Clearpipe.', details };
}

/** Describes why an engine that has thrown this can't continue. */
export function engineFailureOf(error: unknown): EngineFailure {
  // WebAssembly traps without a reason; a failed allocation can't give one.
  if (!(error instanceof WebAssembly.RuntimeError)) return internalError(rawText(error));
  return {
    message:
      'The cause is an error in Clearpipe, or memory ran out. Try fewer workers or smaller buffers.',
    details: rawText(error),
  };
}

/** Whether the engine itself failed, rather than its task. */
export function isEngineError(error: unknown): boolean {
  return (
    error instanceof WebAssembly.RuntimeError ||
    (error instanceof Error && error.name === 'EngineError')
  );
}

/** Returns why a file of the user’s can’t be read, to follow a colon. */
export function whyUnreadable(error: unknown): string {
  // Browsers word these differently, and for developers.
  if (!(error instanceof DOMException)) return rawText(error);
  return error.name === 'NotReadableError' || error.name === 'NotFoundError'
    ? 'it was probably changed, moved or removed after it had been chosen; choose it again'
    : 'the browser doesn’t let this page read it; choose it again';
}
