// Describes what the user should know about an input: what was renamed, generated or replaced.

import type { Metrics } from '../engine/generated/Metrics';
import type { InputNotice } from '../engine/generated/InputNotice';
import { count, counted } from '../format';
import { visible } from '../visible';

/** How many renamed columns are listed. */
const SHOWN = 3;

/** Returns a sentence per notice. */
export function noticesOf({ replaced_fields, notices }: Metrics): string[] {
  const replaced = 'What an earlier run wrote (status, error, …) was replaced.';
  return [...(replaced_fields ? [replaced] : []), ...notices.map(ofInput)];
}

/** Adds the name of the input if there are several. */
function ofInput(notice: InputNotice): string {
  const { input, further_inputs } = notice;
  if (input === undefined) return sentence(notice);
  const others =
    further_inputs === undefined ? '' : ` and ${counted(further_inputs, 'other file')}`;
  const text = sentence(notice);
  return `${visible(input)}${others}: ${text.charAt(0).toLowerCase()}${text.slice(1)}`;
}

function sentence(notice: InputNotice): string {
  switch (notice.kind) {
    case 'no_records':
      return 'There are no records in it.';
    case 'guessed_encoding':
      return `The file has no byte order mark; it was read as ${notice.encoding.toUpperCase()}, because it starts like it.`;
    case 'ids_from_rows':
      return 'No column gives id: it is made from the number of the row (row-1, …).';
    case 'renamed_columns': {
      const shown = notice.columns.slice(0, SHOWN).map(({ column, name, kept_as }) => {
        const which = name === '' ? `nameless column ${count(column)}` : `other “${visible(name)}”`;
        return `the ${which} is “${visible(kept_as)}”`;
      });
      const more = notice.count - shown.length;
      return `Renamed columns: ${shown.join(', ')}${more > 0 ? `, and ${count(more)} more` : ''}.`;
    }
    case 'similar_column':
      return `No column gives ${notice.field}, which isn’t required; “${visible(notice.column)}” is kept as it is.`;
    case 'kept_fields':
      return `Fields whose names the pipeline uses itself are kept under other names: status as ${notice.prefix}status, ….`;
    case 'renamed_members':
      return 'Fields that occur twice in a record are kept as name_2, ….';
  }
}
