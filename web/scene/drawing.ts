// What a picture of the dots is drawn of.

import type { Residencies } from '../recording/residencies';
import type { Palette } from './colours';
import type { Layout } from './layout';
import type { Moment } from './position';

export interface Drawing {
  residencies: Residencies;
  moment: Moment;
  layout: Layout;
  palette: Palette;
  /** The record that is followed. */
  chosen: number | null;
  /** Pixels of the screen for one of the page. */
  pixels: number;
}
