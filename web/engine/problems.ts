// Problems of a configuration, as the engine reports them.

import type { Hint } from './generated/Hint';
import type { Problem as ReportedProblem } from './generated/Problem';

/** A problem in the words of the page. */
export interface Problem {
  /** The setting, such as `channels.capacity`; empty if none can be changed to solve the problem. */
  path: string;
  /** The problem; if it is about the value of a setting, it follows the setting's name. */
  text: string;
  /** Prevents a problem with a hint, which the page must phrase, from being shown without it. */
  hint?: never;
}

/** A problem as the engine reports it. */
export interface EngineProblem {
  /** As in [`Problem`]. */
  path: string;
  /** The problem, without a hint. */
  text: string;
  /** What the user can do about it, if that is known. */
  hint: Hint | null;
}

/** Returns the problems in an error thrown by the engine, or undefined if it isn't a `ConfigError`. */
export function problemsOf(error: unknown): EngineProblem[] | undefined {
  if (!(error instanceof Error) || error.name !== 'ConfigError') return undefined;
  const { problems } = error as Error & { problems?: ReportedProblem[] };
  return problems?.map(toProblem) ?? [{ path: '', text: error.message, hint: null }];
}

export function toProblem(problem: ReportedProblem): EngineProblem {
  const { path, text } = problem;
  if (problem.kind === 'setting') return { path, text, hint: null };
  const { hint, input } = problem;
  // The page has no control for the length of a line.
  const solvable = path === 'input.max_line' ? '' : path;
  return { path: solvable, text: input === null ? text : `${input}: ${text}`, hint };
}
