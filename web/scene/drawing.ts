// The inputs of a draw.

import type { Residencies } from '../recording/residencies';
import type { Palette } from './colours';
import type { Moment } from './position';
import type { Routes } from './routes';

export interface Drawing {
  residencies: Residencies;
  moment: Moment;
  /** The layout, with the ways of dots. */
  routes: Routes;
  palette: Palette;
  /** The record that the user follows. */
  chosen: number | null;
  /** Device pixels per CSS pixel. */
  pixels: number;
}
