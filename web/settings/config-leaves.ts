// The values of a configuration one by one.

/** Returns the values of a configuration as JSON, by path. Lists are values. */
export function leavesOf(
  value: unknown,
  path = '',
  into = new Map<string, string>(),
): Map<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    into.set(path, JSON.stringify(value));
    return into;
  }
  for (const [key, part] of Object.entries(value)) {
    leavesOf(part, path === '' ? key : `${path}.${key}`, into);
  }
  return into;
}
