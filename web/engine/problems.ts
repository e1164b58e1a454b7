// Attributes problems of a configuration to its settings.

import type { PartialConfig } from './partial';

export interface Problem {
  /** The setting, such as `channels.capacity`; empty if unknown. */
  path: string;
  text: string;
}

/**
 * Finds all problems. The engine can check everything at once only if it can parse everything: a value that it can't
 * parse, such as a service time of `5`, hides all other problems. So each setting is also checked on its own.
 *
 * @param check the engine's check; returns problems, a sentence each
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
    // A value that can't be parsed is reported here again, without its path.
    const repeated = problems.some((other) => other.text === problem.text);
    if (!repeated && !known.has(`${problem.path} ${problem.text}`)) problems.push(problem);
  }
  return problems;
}

/** Returns the problems in an error thrown by the engine, or undefined if it isn't a `ConfigError`. */
export function problemsOf(error: unknown): string[] | undefined {
  if (!(error instanceof Error) || error.name !== 'ConfigError') return undefined;
  return (error as Error & { problems?: string[] }).problems ?? [error.message];
}

function isAbout(text: string, path: string): boolean {
  return text.startsWith(`${path} `);
}

/** Shortens the sentence for display beside the setting, where its name need not be repeated. */
function withoutPath(text: string, path: string): string {
  return isAbout(text, path) ? text.slice(path.length + 1) : text;
}

interface Leaf {
  path: string;
  /** A configuration with only this setting. */
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
