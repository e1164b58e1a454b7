// Why records failed: the reasons in the failed file, counted.

/** How much of the file is read. */
export const BYTES_READ = 1_000_000;

export interface Reason {
  text: string;
  status: string;
  count: number;
}

export interface Reasons {
  /** The most frequent first. */
  reasons: Reason[];
  /** How many records they were counted in. */
  records: number;
  /** Whether that is all of the file. */
  whole: boolean;
}

export async function reasonsIn(file: Blob, bytes = BYTES_READ): Promise<Reasons> {
  const lines = (await file.slice(0, bytes).text()).split('\n');
  // Behind the last line's end there is nothing, or a line that was cut in two.
  lines.pop();
  const counts = new Map<string, Reason>();
  for (const line of lines) {
    const { error, status, ...place } = JSON.parse(line) as {
      error?: string;
      status?: string;
      file?: unknown;
      line?: unknown;
    };
    const text = normalizeReason(error ?? '', place);
    const reason = counts.get(text) ?? { text, status: status ?? '', count: 0 };
    reason.count += 1;
    counts.set(text, reason);
  }
  return {
    reasons: [...counts.values()].sort((a, b) => b.count - a.count),
    records: lines.length,
    whole: file.size <= bytes,
  };
}

/**
 * A reason without what is different in every record: the place in the input, the text that was found there. With several
 * inputs it begins with the name of one, which is that of the `file`; with a source field, only the `line` is known.
 */
export function normalizeReason(
  error: string,
  { file, line }: { file?: unknown; line?: unknown } = {},
): string {
  return withoutPlace(error, file, line).replace(/"(?:[^"\\]|\\.)*"/g, '"…"');
}

function withoutPlace(error: string, file: unknown, line: unknown): string {
  const place = /^line [\d,]+(, column [\d,]+)?: /;
  if (place.test(error)) return error.replace(place, '');
  if (typeof file === 'string' && error.startsWith(`${file}, `)) {
    const rest = error.slice(file.length + 2);
    return place.test(rest) ? rest.replace(place, '') : error;
  }
  if (typeof line !== 'number') return error;
  const found = new RegExp(`, line ${line}(, column \\d+)?: `).exec(error);
  return found ? error.slice(found.index + found[0].length) : error;
}
