// How two runs beside each other differ, as a table: the settings that differ, and the figures of both runs.

import type { Config } from '../engine/generated/Config';
import { differingSettings } from '../compare/differences';
import type { Difference } from '../compare/differences';
import type { RunFigures } from '../compare/figures';
import { csvOf, digits } from './csv';

/** Two runs that are compared. */
export interface Pair {
  readonly configs: { readonly a: Config; readonly b: Config };
  /** Null until both have been read, or where too little is known of one. */
  readonly figures: { readonly a: RunFigures | null; readonly b: RunFigures | null } | null;
  readonly differences: readonly Difference[];
}

const COLUMNS = ['kind', 'name', 'unit', 'a', 'b', 'change'] as const;

/**
 * Writes the table. `change` is by which share of A the figure of B is larger: 0.2 for 20 % more. It is empty where there
 * is no such share.
 *
 * @throws an error with a whole sentence if there are no figures
 */
export function differencesToCsv({ configs, figures, differences }: Pair): string {
  const { a, b } = figures ?? {};
  if (!a || !b) throw new Error('Too little is known of the two runs to compare them.');
  const settings = differingSettings(configs.a, configs.b).map(({ name, from, to }) => [
    ...['setting', name, '', from, to, ''],
  ]);
  const part = (['from', 'to'] as const).map((end) => ({
    name: end === 'from' ? 'compared from' : 'compared to',
    ...{ unit: 's', values: { a: a[end] / 1e9, b: b[end] / 1e9 } },
  }));
  const records = { name: 'records', unit: 'records', values: { a: a.records, b: b.records } };
  return csvOf([
    COLUMNS,
    ...settings,
    ...[...part, records].map((figure) => [...figureRow(figure), '']),
    ...differences.map((figure) => [...figureRow(figure), changeOf(figure)]),
  ]);
}

const figureRow = ({ name, unit, values }: Pick<Difference, 'name' | 'unit' | 'values'>) => [
  ...['figure', name, unit],
  ...[values.a, values.b].map((value) => (value === null ? '' : digits(value))),
];

function changeOf({ values: { a, b } }: Difference): string {
  return a === null || b === null || a === 0 ? '' : digits(b / a - 1);
}
