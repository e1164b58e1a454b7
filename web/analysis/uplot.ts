// uPlot and its styles, as a file of their own: loaded when the first chart is shown.

import 'uplot/dist/uPlot.min.css';

export { default as Plot } from 'uplot';
