/* global window -- what is here runs in the page */

/**
 * Lets each call that draws dots draw only one of them, where no graphics card draws, but the processor does: the rest
 * of the page is what is measured. To be run in the page, before anything of its own.
 */
export function drawOne() {
  const { prototype } = window.WebGL2RenderingContext;
  const draw = prototype.drawArraysInstanced;
  prototype.drawArraysInstanced = function (mode, first, count, instances) {
    draw.call(this, mode, first, count, Math.min(1, instances));
  };
}
