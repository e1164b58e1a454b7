// Why records failed: counts the reasons in the file of failed records.

/** How much of the file is read. */
export const BYTES_READ = 1_000_000;

export interface Reason {
  text: string;
  status: string;
  count: number;
}

export interface Reasons {
  /** Most frequent first. */
  reasons: Reason[];
  /** The number of records counted. */
  records: number;
  /** Whether that is the whole file. */
  whole: boolean;
}

export async function reasonsIn(file: Blob, bytes = BYTES_READ): Promise<Reasons> {
  const lines = (await file.slice(0, bytes).text()).split('\n');
  // After the last line end there is nothing, or a truncated line.
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
 * Strips what differs from record to record: the position in the input and the text found there. With several inputs,
 * the position starts with the name of one, which is the record's `file`; with a source field, only its `line` is
 * known.
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
