// Actions that show what other values of a setting would bring.

import { SWEEPABLE_PATHS, sweepableAt } from '../sweep/sweepable';
import type { Action } from './action';
import type { ActionContext } from './context';

export function sweepActions({ controls, sweep }: ActionContext): Action[] {
  return SWEEPABLE_PATHS.flatMap((path): Action[] => {
    const first = sweepableAt(path, controls());
    if (!first) return [];
    const { question, beside } = first;
    return [
      {
        ...{ id: `sweep.${path}`, group: 'Setting', title: question },
        words: `what if curve sweep compare simulate faster ${path.replaceAll(/[._]/g, ' ')}`,
        note: () => {
          const own = sweepableAt(path, controls())?.own;
          return own?.place == null ? (beside?.text ?? '') : first.textOf(own.place);
        },
        // A stage that takes no time can't take less.
        isEnabled: () =>
          beside?.side !== 'left' || sweepableAt(path, controls())?.own.place != null,
        run: () => {
          sweep.open(path);
        },
      },
    ];
  });
}
