// Draws the dots on the graphics card. Each visit is an instance, and the vertex shader computes where its dot is at
// the time on screen, as position.ts does. So time can run, stand still and go back without touching the instances.

import { FIRST_CHANNEL } from '../recording/events';
import { CHANNEL_COUNT, EXIT, NODES, OPEN, WORDS_PER_VISIT } from '../recording/residencies';
import type { Residencies } from '../recording/residencies';
import type { Drawing } from './drawing';
import { GOLDEN_ANGLE } from './position';

const VERTEX = `#version 300 es
precision highp float;
precision highp int;
layout(location = 0) in ivec2 lifetime;
layout(location = 1) in ivec2 route;
layout(location = 2) in ivec2 slotAndRecord;
uniform vec2 size;
uniform float pixels;
uniform int now;
uniform float nowFraction;
uniform float ramp;
uniform vec4 rects[${NODES}];
// Columns, rows, scale and radius, which is negative if the first cell is on the right.
uniform vec4 grids[${NODES}];
uniform int departedWhole[${CHANNEL_COUNT}];
uniform float departedFraction[${CHANNEL_COUNT}];
uniform int chosen;
out vec2 at;
flat out int state;
flat out float edge;
flat out float opacity;
flat out int halo;

float radiusAt(int node) {
  return abs(grids[node].w);
}

vec2 middle(int node, float index) {
  vec4 rect = rects[node];
  vec4 grid = grids[node];
  float column = floor((index + 0.5) / grid.y) + 0.5;
  float row = index - (column - 0.5) * grid.y + 0.5;
  column = grid.w < 0.0 ? grid.x - column : column;
  return rect.xy + vec2(column * rect.z / grid.x, row * rect.w / grid.y);
}

vec2 cell(int node, float index) {
  float last = grids[node].x * grids[node].y - 1.0;
  float scaled = clamp(index * grids[node].z, 0.0, last);
  float whole = floor(scaled);
  return mix(middle(node, whole), middle(node, min(whole + 1.0, last)), scaled - whole);
}

vec2 targetPoint(int node, int worker, int slot) {
  if (node >= ${EXIT}) return cell(node, 0.0);
  if (node >= ${FIRST_CHANNEL}) {
    int channel = node - ${FIRST_CHANNEL};
    return cell(node, max(0.0, float(slot - departedWhole[channel]) - departedFraction[channel]));
  }
  float distance = sqrt(float(slot)) * radiusAt(node) * 1.6;
  float room = min(rects[node].z / grids[node].x, rects[node].w / grids[node].y) * 0.5;
  float most = max(0.0, room - radiusAt(node));
  float angle = ${GOLDEN_ANGLE} * float(slot);
  return cell(node, float(worker)) + min(distance, most) * vec2(cos(angle), sin(angle));
}

void main() {
  int node = route.y & 0xff;
  int origin = route.x & 0xff;
  bool isExit = node >= ${EXIT};
  float age = float(now - lifetime.x) + nowFraction;
  bool over = lifetime.y != ${OPEN} && now >= lifetime.y;
  if (now < lifetime.x || over || (isExit && age >= ramp)) {
    gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
    return;
  }
  float duration = lifetime.y == ${OPEN} ? ramp : min(ramp, float(lifetime.y - lifetime.x));
  float share = duration > 0.0 ? smoothstep(0.0, duration, age) : 1.0;
  vec2 goal = targetPoint(node, (route.y >> 8) & 0xffff, slotAndRecord.x);
  vec2 source = goal;
  if (origin != node) {
    source = cell(origin, origin >= ${FIRST_CHANNEL} ? 0.0 : float((route.x >> 8) & 0xffff));
  }
  vec2 centre = mix(source, goal, share);
  float radius = mix(radiusAt(origin), radiusAt(node), share);
  state = (route.y >> 24) & 0xff;
  opacity = isExit ? 1.0 - share : 1.0;
  halo = slotAndRecord.y == chosen ? 1 : 0;
  float reach = halo == 1 ? max(radius * 2.4, 9.0) : radius * 1.25;
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2.0 - 1.0;
  at = corner * reach / radius;
  edge = 1.0 / (radius * pixels);
  vec2 point = (centre + corner * reach) / size * 2.0 - 1.0;
  gl_Position = vec4(point.x, -point.y, halo == 1 ? -0.5 : 0.0, 1.0);
}
`;

const FRAGMENT = `#version 300 es
precision highp float;
in vec2 at;
flat in int state;
flat in float edge;
flat in float opacity;
flat in int halo;
uniform vec3 colours[5];
uniform vec3 ring;
out vec4 colour;

float box(vec2 p, vec2 half_size) {
  vec2 d = abs(p) - half_size;
  return length(max(d, 0.0)) + min(max(d.x, d.y), 0.0);
}

float shape(vec2 p) {
  if (state == 0) return abs(length(p) - 0.7) - 0.22;
  if (state == 1) return length(p) - 0.88;
  if (state == 2) return box(p, vec2(0.78));
  if (state == 3) {
    p.y -= 0.18;
    return max(abs(p.x) * 0.894 - (p.y + 1.1) * 0.447, p.y - 0.78);
  }
  vec2 q = vec2(p.x + p.y, p.x - p.y) * 0.7071;
  return min(box(q, vec2(1.12, 0.3)), box(q, vec2(0.3, 1.12)));
}

void main() {
  float inside = 1.0 - smoothstep(-edge, edge, shape(at));
  vec3 tone = colours[state];
  float alpha = inside;
  if (halo == 1) {
    float r = length(at);
    float around = 1.0 - smoothstep(-edge, edge, abs(r - 1.9) - 0.22);
    tone = mix(tone, ring, around);
    alpha = max(inside, around);
  }
  alpha *= opacity;
  colour = vec4(tone * alpha, alpha);
}
`;

const UNIFORMS = [
  ...['size', 'pixels', 'now', 'nowFraction', 'ramp', 'rects', 'grids'],
  ...['departedWhole', 'departedFraction', 'chosen', 'colours', 'ring'],
] as const;

export class WebGLRenderer {
  readonly #gl: WebGL2RenderingContext;
  readonly #buffer: WebGLBuffer;
  readonly #uniforms: Partial<Record<(typeof UNIFORMS)[number], WebGLUniformLocation | null>> = {};
  #residencies: Residencies | null = null;
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

  readonly #rects = new Float32Array(NODES * 4);
  readonly #grids = new Float32Array(NODES * 4);

  #setUniforms({ residencies, moment, layout, palette, chosen, pixels }: Drawing): void {
    const gl = this.#gl;
    const uniforms = this.#uniforms;
    layout.grids.forEach(({ x, y, w, h, cols, rows, scale, radius, fromRight }, node) => {
      this.#rects.set([x, y, w, h], node * 4);
      this.#grids.set([cols, rows, scale, fromRight ? -radius : radius], node * 4);
    });
    const now = moment.time / residencies.tick;
    const at = (name: (typeof UNIFORMS)[number]) => uniforms[name] ?? null;
    gl.uniform2f(at('size'), layout.width, layout.height);
    gl.uniform1f(at('pixels'), pixels);
    gl.uniform1i(at('now'), Math.floor(now));
    gl.uniform1f(at('nowFraction'), now - Math.floor(now));
    gl.uniform1f(at('ramp'), moment.ramp / residencies.tick);
    gl.uniform4fv(at('rects'), this.#rects);
    gl.uniform4fv(at('grids'), this.#grids);
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
    gl.uniform3fv(at('ring'), palette.ring);
  }
}
