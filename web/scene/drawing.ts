// The inputs of a draw.

import type { Residencies } from '../recording/residencies';
import type { Palette } from './colours';
import type { Layout } from './layout';
import type { Moment } from './position';

export interface Drawing {
  residencies: Residencies;
  moment: Moment;
  layout: Layout;
  palette: Palette;
  /** The record that the user follows. */
  chosen: number | null;
  /** Device pixels per CSS pixel. */
  pixels: number;
}
