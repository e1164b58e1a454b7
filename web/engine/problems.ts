// Problems of a configuration, each beside the setting that it is about.

import type { PartialConfig } from './partial';

export interface Problem {
  /** The setting, such as `channels.capacity`; empty if it can't be told. */
  path: string;
  text: string;
}

/**
 * Finds all problems. The engine checks everything at once only when it can read everything; a text that it can't
 * read, such as a service time of `5`, hides all others. So each setting is also tried alone.
 *
 * @param check the engine's check: what is wrong, one sentence each
 */
export function findProblems(
  config: PartialConfig,
  check: (config: PartialConfig) => string[],
): Problem[] {
  const settings = leaves(config);
  const problems: Problem[] = [];
  for (const { path, alone } of settings) {
    for (const text of check(alone)) problems.push({ path, text: withoutPath(text, path) });
  }
  const known = new Set(problems.map(({ path, text }) => `${path} ${text}`));
  for (const text of check(config)) {
    const path = settings.find((setting) => isAbout(text, setting.path))?.path ?? '';
    const problem = { path, text: withoutPath(text, path) };
    // A text that can't be read is reported once more here, without its path.
    const repeated = problems.some((other) => other.text === problem.text);
    if (!repeated && !known.has(`${problem.path} ${problem.text}`)) problems.push(problem);
  }
  return problems;
}

/** The problems of an error that the engine threw; none if it is no `ConfigError`. */
export function problemsOf(error: unknown): string[] | undefined {
  if (!(error instanceof Error) || error.name !== 'ConfigError') return undefined;
  return (error as Error & { problems?: string[] }).problems ?? [error.message];
}

function isAbout(text: string, path: string): boolean {
  return text.startsWith(`${path} `);
}

/** The sentence for a place beside the setting, where its name need not be said again. */
function withoutPath(text: string, path: string): string {
  return isAbout(text, path) ? text.slice(path.length + 1) : text;
}

interface Leaf {
  path: string;
  /** A configuration that has nothing but this setting. */
  alone: PartialConfig;
}

function leaves(value: object, prefix: string[] = []): Leaf[] {
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) => {
    const keys = [...prefix, key];
    if (inner === undefined) return [];
    if (typeof inner === 'object' && inner !== null && !Array.isArray(inner)) {
      return leaves(inner, keys);
    }
    const alone = keys.reduceRight((nested, name) => ({ [name]: nested }), inner) as PartialConfig;
    return [{ path: keys.join('.'), alone }];
  });
}
