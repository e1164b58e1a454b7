// uPlot and its styles in a chunk of their own, loaded with the first chart.

import 'uplot/dist/uPlot.min.css';

export { default as Plot } from 'uplot';
