// Problems of a configuration, as the engine reports them.

import type { Problem as EngineProblem } from './generated/Problem';

export interface Problem {
  /** The setting, such as `channels.capacity`; empty if none can be changed to solve the problem. */
  path: string;
  /** What is wrong; if it is the value of a setting, to be read behind the setting's name. */
  text: string;
}

/** Returns the problems in an error thrown by the engine, or undefined if it isn't a `ConfigError`. */
export function problemsOf(error: unknown): Problem[] | undefined {
  if (!(error instanceof Error) || error.name !== 'ConfigError') return undefined;
  const { problems } = error as Error & { problems?: EngineProblem[] };
  return problems?.map(toProblem) ?? [{ path: '', text: error.message }];
}

function toProblem(problem: EngineProblem): Problem {
  const { path, text } = problem;
  if (problem.kind === 'setting') return { path, text };
  // The page has no control for the length of a line.
  const solvable = path === 'input.max_line' ? '' : path;
  return { path: solvable, text: problem.input === null ? text : `${problem.input}: ${text}` };
}
