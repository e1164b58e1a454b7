// Actions that save what is on screen: as pictures, as a clip or a video, and the charts as a table.

import { PNG_SIZES } from '../exports/exports.svelte';
import type { What } from '../exports/exports.svelte';
import type { Action } from './action';
import type { ActionContext } from './context';

const WHATS: readonly { what: What; title: string }[] = [
  { what: 'picture', title: 'the picture' },
  { what: 'timeline', title: 'the timeline' },
  { what: 'both', title: 'picture and timeline' },
];

export function exportActions({ exports, panels }: ActionContext): Action[] {
  const isEnabled = () => exports.isReady;
  /** Shows how far it is, and what has become of it. */
  const show = () => {
    panels.find(({ id }) => id === 'more')?.open();
  };
  const save = (id: string, title: string, words: string, make: () => Promise<void>): Action => ({
    ...{ id: `export.${id}`, group: 'Share', title: `Save ${title}`, isEnabled },
    words: `export download image ${words}`,
    run: () => {
      void make().then(() => {
        if (exports.problem !== '') show();
      });
    },
  });
  /** The same for what takes so long that one watches how far it is. */
  const slow: typeof save = (id, title, words, make) => ({
    ...save(id, title, words, make),
    run: () => {
      show();
      void make();
    },
  });
  return [
    ...WHATS.flatMap(({ what, title }) => [
      save(`${what}.svg`, `${title} as SVG`, 'vector', () => exports.svg(what)),
      ...PNG_SIZES.map(({ size, title: form }) =>
        save(`${what}.png.${size}`, `${title} as ${form}`, 'screenshot', () =>
          exports.png(what, size),
        ),
      ),
    ]),
    slow('clip', 'a clip as an animated PNG', 'video animation apng movie gif', () =>
      exports.clip(),
    ),
    slow('video', 'picture and timeline as a WebM video', 'movie film clip', () => exports.video()),
    save('csv', 'the charts as CSV', 'table numbers spreadsheet data', () => exports.csv()),
    {
      ...save('differences', 'how the two runs differ as CSV', 'table compare numbers', () =>
        exports.differences(),
      ),
      isEnabled: () => isEnabled() && exports.isOneOfTwo,
    },
  ];
}
