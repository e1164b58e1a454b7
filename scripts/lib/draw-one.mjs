/* global window -- what is here runs in the page */

/**
 * Makes each call that draws dots draw only one of them, for machines without a graphics card,
 * where the processor draws: only the rest of the page is measured. Must run in the page before the
 * page's own scripts.
 */
export function drawOne() {
  const { prototype } = window.WebGL2RenderingContext;
  const draw = prototype.drawArraysInstanced;
  prototype.drawArraysInstanced = function (mode, first, count, instances) {
    draw.call(this, mode, first, count, Math.min(1, instances));
  };
}
