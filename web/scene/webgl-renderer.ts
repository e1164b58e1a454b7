// Draws the dots on the graphics card. Each visit is an instance, and the vertex shader computes where its dot is at
// the time on screen, as position.ts does. So time can run, stand still and go back without touching the instances.

import { NODES, OPEN, WORDS_PER_VISIT } from '../recording/residencies';
import type { Residencies } from '../recording/residencies';
import type { Drawing } from './drawing';
import type { Routes } from './routes';
import { FRAGMENT, TEXTURE_HEIGHT, TEXTURE_WIDTH, VERTEX } from './shaders';

const UNIFORMS = [
  ...['size', 'pixels', 'now', 'nowFraction', 'ramp', 'known', 'nodes'],
  ...['departedWhole', 'departedFraction', 'chosen', 'colours', 'ink', 'ground'],
] as const;

export class WebGLRenderer {
  readonly #gl: WebGL2RenderingContext;
  readonly #buffer: WebGLBuffer;
  readonly #uniforms: Partial<Record<(typeof UNIFORMS)[number], WebGLUniformLocation | null>> = {};
  #residencies: Residencies | null = null;
  /** The layout that the texture has. */
  #routes: Routes | null = null;
  /** How many visits the buffer has space for. */
  #capacity = 0;
  /** Visits up to this one are in the buffer. */
  #uploaded = 0;

  private constructor(gl: WebGL2RenderingContext, program: WebGLProgram) {
    this.#gl = gl;
    this.#buffer = gl.createBuffer();
    for (const name of UNIFORMS) this.#uniforms[name] = gl.getUniformLocation(program, name);
    gl.useProgram(program);
    gl.bindVertexArray(gl.createVertexArray());
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#buffer);
    for (const location of [0, 1, 2]) {
      gl.enableVertexAttribArray(location);
      gl.vertexAttribDivisor(location, 1);
    }
    gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
    for (const side of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) {
      gl.texParameteri(gl.TEXTURE_2D, side, gl.NEAREST);
    }
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  }

  /** Returns null without WebGL2. */
  static create(canvas: HTMLCanvasElement): WebGLRenderer | null {
    const gl = canvas.getContext('webgl2', { alpha: true, antialias: false, depth: false });
    if (!gl) return null;
    const program = gl.createProgram();
    for (const [type, source] of [
      [gl.VERTEX_SHADER, VERTEX],
      [gl.FRAGMENT_SHADER, FRAGMENT],
    ] as const) {
      const shader = gl.createShader(type);
      if (!shader) return null;
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    return gl.getProgramParameter(program, gl.LINK_STATUS) ? new WebGLRenderer(gl, program) : null;
  }

  /** Draws the dots of a moment. The work on the main thread doesn't depend on how many there are. */
  draw(drawing: Drawing): void {
    const { residencies, moment } = drawing;
    const gl = this.#gl;
    this.#upload(residencies);
    gl.viewport(0, 0, gl.drawingBufferWidth, gl.drawingBufferHeight);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    this.#setUniforms(drawing);
    const [first, behind] = residencies.range(moment.time, moment.ramp);
    const mask = residencies.capacity - 1;
    const start = first & mask;
    const count = behind - first;
    const upToEnd = Math.min(count, residencies.capacity - start);
    this.#drawFrom(start, upToEnd);
    this.#drawFrom(0, count - upToEnd);
  }

  /** The colour of a pixel that was just drawn; for tests. */
  pixelAt(x: number, y: number): number[] {
    const gl = this.#gl;
    const pixel = new Uint8Array(4);
    gl.readPixels(x, gl.drawingBufferHeight - 1 - y, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
    return [...pixel];
  }

  #drawFrom(start: number, count: number): void {
    if (count <= 0) return;
    const gl = this.#gl;
    for (const location of [0, 1, 2]) {
      gl.vertexAttribIPointer(
        location,
        2,
        gl.INT,
        WORDS_PER_VISIT * 4,
        start * WORDS_PER_VISIT * 4 + location * 8,
      );
    }
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, count);
  }

  /** Uploads what has changed to the graphics card. */
  #upload(residencies: Residencies): void {
    const gl = this.#gl;
    if (this.#residencies !== residencies || this.#capacity !== residencies.capacity) {
      this.#residencies = residencies;
      this.#capacity = residencies.capacity;
      gl.bufferData(gl.ARRAY_BUFFER, residencies.words.byteLength, gl.DYNAMIC_DRAW);
      this.#uploaded = residencies.begin;
      residencies.changed = residencies.begin;
    }
    const from = Math.max(Math.min(residencies.changed, this.#uploaded), residencies.begin);
    this.#uploaded = residencies.end;
    residencies.changed = residencies.end;
    if (from >= residencies.end) return;
    const mask = residencies.capacity - 1;
    const start = from & mask;
    const count = Math.min(residencies.end - from, residencies.capacity);
    const upToEnd = Math.min(count, residencies.capacity - start);
    const upload = (at: number, length: number) => {
      if (length <= 0) return;
      const { words } = residencies;
      gl.bufferSubData(
        gl.ARRAY_BUFFER,
        at * WORDS_PER_VISIT * 4,
        words,
        at * WORDS_PER_VISIT,
        length * WORDS_PER_VISIT,
      );
    };
    upload(start, upToEnd);
    upload(0, count - upToEnd);
  }

  /** Gives the layout to the graphics card. */
  #setLayout(routes: Routes): void {
    if (this.#routes === routes) return;
    this.#routes = routes;
    const gl = this.#gl;
    const texels = new Float32Array(TEXTURE_WIDTH * TEXTURE_HEIGHT * 4);
    const put = (column: number, row: number, values: number[]) => {
      texels.set(values, (row * TEXTURE_WIDTH + column) * 4);
    };
    for (let from = 0; from < NODES; from += 1) {
      for (let to = 0; to < NODES; to += 1) {
        const route = routes.get(from, to);
        if (!route) continue;
        put(2 * to, from, [route.y1, route.x2, route.y3, route.x4]);
        put(2 * to + 1, from, [route.y5, 1]);
      }
    }
    routes.layout.grids.forEach((grid, node) => {
      const { x, y, w, h, cols, rows, scale, radius, fromFoot, out, line, shelf } = grid;
      put(node, NODES, [x, y, w, h]);
      put(NODES + node, NODES, [cols, rows, scale, fromFoot ? -radius : radius]);
      put(node, NODES + 1, [out, line?.w ?? 0, line?.h ?? 0]);
      if (shelf) put(NODES + node, NODES + 1, [shelf.x, shelf.y, shelf.step, shelf.most]);
    });
    const size = [TEXTURE_WIDTH, TEXTURE_HEIGHT] as const;
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA32F, ...size, 0, gl.RGBA, gl.FLOAT, texels);
  }

  #setUniforms({ residencies, moment, routes, palette, chosen, pixels }: Drawing): void {
    const gl = this.#gl;
    const uniforms = this.#uniforms;
    const { layout } = routes;
    this.#setLayout(routes);
    const now = moment.time / residencies.tick;
    const at = (name: (typeof UNIFORMS)[number]) => uniforms[name] ?? null;
    gl.uniform2f(at('size'), layout.width, layout.height);
    gl.uniform1f(at('pixels'), pixels);
    gl.uniform1i(at('now'), Math.floor(now));
    gl.uniform1f(at('nowFraction'), now - Math.floor(now));
    gl.uniform1f(at('ramp'), moment.ramp / residencies.tick);
    gl.uniform1i(at('known'), Math.min(OPEN, Math.floor(moment.known / residencies.tick)));
    gl.uniform1i(at('nodes'), 0);
    gl.uniform1iv(
      at('departedWhole'),
      moment.departed.map((departed) => Math.floor(departed)),
    );
    gl.uniform1fv(
      at('departedFraction'),
      moment.departed.map((departed) => departed - Math.floor(departed)),
    );
    gl.uniform1i(at('chosen'), chosen === null ? -1 : chosen | 0);
    gl.uniform3fv(at('colours'), palette.states.flat());
    gl.uniform3fv(at('ink'), palette.ink);
    gl.uniform3fv(at('ground'), palette.ground);
  }
}
