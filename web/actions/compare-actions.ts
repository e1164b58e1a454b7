// Actions on two runs beside each other.

import { ALIGNMENTS, ALIGNMENT_NAMES } from '../compare/alignment';
import type { Action } from './action';
import type { ActionContext } from './context';

export function compareActions({ session, comparing }: ActionContext): Action[] {
  return [
    {
      ...{ id: 'compare', group: 'Compare', title: 'Compare with another run…', keys: ['v'] },
      words: 'two runs versus beside difference before after log change',
      isEnabled: () => comparing.current === null,
      run: () => {
        comparing.ask();
      },
    },
    {
      ...{ id: 'compare.previous', group: 'Compare', title: 'Compare with the run before' },
      words: 'two runs last previous versus',
      isEnabled: () =>
        comparing.current === null && session.previous !== null && !session.isRunning,
      run: () => void comparing.withPrevious(),
    },
    {
      ...{ id: 'compare.leave', group: 'Compare', title: 'Leave the comparison' },
      words: 'close end one run',
      isEnabled: () => comparing.current !== null,
      run: () => {
        comparing.leave();
      },
    },
    ...ALIGNMENTS.map((alignment): Action => {
      const title = `Align both runs by ${ALIGNMENT_NAMES[alignment]}`;
      return {
        ...{ id: `compare.align.${alignment}`, group: 'Compare', title },
        words: 'two runs clock done of the run',
        isEnabled: () => comparing.current !== null && comparing.current.alignment !== alignment,
        run: () => {
          comparing.current?.align(alignment);
        },
      };
    }),
  ];
}
