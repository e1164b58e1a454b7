// The programs of the graphics card. The vertex shader computes where a dot is, as position.ts does.

import { FIRST_CHANNEL } from '../recording/events';
import { CHANNEL_COUNT, EXIT, HELD_BACK, NODES, OPEN } from '../recording/residencies';
import { GOLDEN_ANGLE, LEAST_RADIUS } from './position';
import { SAME } from './routes';

/**
 * The layout as a texture of [`TEXTURE_WIDTH`] × [`TEXTURE_HEIGHT`] texels, since there are too many numbers for uniforms.
 * In the row of a node, there are two texels for each other node: the route to it, and whether it isn't straight. Below,
 * each node has a texel in the left and in the right half of two rows: its rectangle, its grid, and where records are held
 * back and drawn as lines.
 */
export const [TEXTURE_WIDTH, TEXTURE_HEIGHT] = [2 * NODES, NODES + 2];

export const VERTEX = `#version 300 es
precision highp float;
precision highp int;
layout(location = 0) in ivec2 lifetime;
layout(location = 1) in ivec2 route;
layout(location = 2) in ivec2 slotAndRecord;
uniform highp sampler2D nodes;
uniform vec2 size;
uniform float pixels;
uniform int now;
uniform float nowFraction;
uniform float ramp;
uniform int known;
uniform int departedWhole[${CHANNEL_COUNT}];
uniform float departedFraction[${CHANNEL_COUNT}];
uniform int chosen;
out vec2 at;
flat out int state;
flat out float radius;
flat out vec2 line;
flat out float opacity;
flat out int halo;

vec4 rectOf(int node) { return texelFetch(nodes, ivec2(node, ${NODES}), 0); }
// Columns, rows, scale and radius, which is negative if the first cell is the lowest.
vec4 gridOf(int node) { return texelFetch(nodes, ivec2(${NODES} + node, ${NODES}), 0); }
// How far to the right records are held back; half the width and height of lines, 0 if there are none.
vec4 moreOf(int node) { return texelFetch(nodes, ivec2(node, ${NODES + 1}), 0); }
// Where the records on a shelf are: the first, how far apart, and how many; 0 without one.
vec4 shelfOf(int node) { return texelFetch(nodes, ivec2(${NODES} + node, ${NODES + 1}), 0); }

vec2 middle(int node, float index) {
  vec4 rect = rectOf(node);
  vec4 grid = gridOf(node);
  float row = floor((index + 0.5) / grid.x);
  float column = index - row * grid.x + 0.5;
  row = grid.w < 0.0 ? grid.y - row - 0.5 : row + 0.5;
  return rect.xy + vec2(column * rect.z / grid.x, row * rect.w / grid.y);
}

vec2 cell(int node, float index) {
  vec4 grid = gridOf(node);
  float last = grid.x * grid.y - 1.0;
  float where = clamp(index, 0.0, last);
  float whole = floor(where);
  return mix(middle(node, whole), middle(node, min(whole + 1.0, last)), where - whole);
}

vec2 workerPoint(int node, int place) {
  float index = floor(float((place >> 8) & 0xffff) * gridOf(node).z);
  float right = (place & ${HELD_BACK}) != 0 ? moreOf(node).x : 0.0;
  return cell(node, index) + vec2(right, 0.0);
}

vec2 targetPoint(int node, int place, int slot) {
  if (node >= ${EXIT}) return cell(node, 0.0);
  if (node >= ${FIRST_CHANNEL}) {
    int channel = node - ${FIRST_CHANNEL};
    return cell(node, max(0.0, float(slot - departedWhole[channel]) - departedFraction[channel]));
  }
  vec4 shelf = shelfOf(node);
  if (shelf.w > 0.0 && slot > 0) {
    return vec2(shelf.x - shelf.z * (min(float(slot), shelf.w) - 1.0), shelf.y);
  }
  vec4 rect = rectOf(node);
  vec4 grid = gridOf(node);
  float distance = sqrt(float(slot)) * abs(grid.w) * 1.6;
  float room = min(rect.z / grid.x, rect.w / grid.y) * 0.5;
  float most = max(0.0, room - abs(grid.w));
  float angle = ${GOLDEN_ANGLE} * float(slot);
  return workerPoint(node, place) + min(distance, most) * vec2(cos(angle), sin(angle));
}

vec2 along(int from, int to, vec2 source, vec2 goal, float share) {
  vec4 bends = texelFetch(nodes, ivec2(2 * to, from), 0);
  vec4 rest = texelFetch(nodes, ivec2(2 * to + 1, from), 0);
  if (rest.y == 0.0) return mix(source, goal, share);
  float y1 = bends.x <= ${SAME.toFixed(1)} ? source.y : bends.x;
  float y3 = bends.z <= ${SAME.toFixed(1)} ? goal.y : bends.z;
  float y5 = rest.x <= ${SAME.toFixed(1)} ? goal.y : rest.x;
  vec2 points[8] = vec2[8](
    source, vec2(source.x, y1), vec2(bends.y, y1), vec2(bends.y, y3),
    vec2(bends.w, y3), vec2(bends.w, y5), vec2(goal.x, y5), goal
  );
  float left = 0.0;
  for (int i = 1; i < 8; i += 1) left += distance(points[i - 1], points[i]);
  left *= share;
  for (int i = 1; i < 8; i += 1) {
    float length = distance(points[i - 1], points[i]);
    if (left <= length) return mix(points[i - 1], points[i], length > 0.0 ? left / length : 1.0);
    left -= length;
  }
  return goal;
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
  int until = lifetime.y == ${OPEN} ? known : lifetime.y;
  float duration = isExit ? ramp : min(ramp, float(until - lifetime.x) * 0.5);
  float share = duration > 0.0 ? smoothstep(0.0, duration, age) : 1.0;
  vec2 goal = targetPoint(node, route.y, slotAndRecord.x);
  vec2 centre = goal;
  if (share < 1.0) {
    vec2 source;
    if (origin == node) source = targetPoint(node, route.x, slotAndRecord.x);
    else if (origin >= ${FIRST_CHANNEL}) source = cell(origin, 0.0);
    else source = workerPoint(origin, route.x);
    centre = along(origin, node, source, goal, share);
  }
  radius = mix(abs(gridOf(origin).w), abs(gridOf(node).w), share);
  if (radius < ${LEAST_RADIUS}) {
    gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
    return;
  }
  line = share < 1.0 ? vec2(0.0) : moreOf(node).yz;
  state = (route.y >> 24) & 0xf;
  opacity = isExit ? 1.0 - share : 1.0;
  halo = slotAndRecord.y == chosen ? 1 : 0;
  vec2 reach = line.x > 0.0 ? line : vec2(radius * 1.25);
  reach += halo == 1 ? 7.0 : 2.0;
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2.0 - 1.0;
  at = corner * reach;
  vec2 point = (centre + at) / size * 2.0 - 1.0;
  gl_Position = vec4(point.x, -point.y, 0.0, 1.0);
}
`;

export const FRAGMENT = `#version 300 es
precision highp float;
in vec2 at;
flat in int state;
flat in float radius;
flat in vec2 line;
flat in float opacity;
flat in int halo;
uniform float pixels;
uniform vec3 colours[5];
uniform vec3 ink;
uniform vec3 ground;
out vec4 colour;

float box(vec2 p, vec2 half_size) {
  vec2 d = abs(p) - half_size;
  return length(max(d, 0.0)) + min(max(d.x, d.y), 0.0);
}

// The distance to what is filled, in radii.
float shape(vec2 p) {
  if (state == 0) return abs(length(p) - 0.78) - 0.21;
  if (state == 1) return length(p) - 0.98;
  if (state == 2) return box(p, vec2(0.88));
  if (state == 3) {
    p.y -= 0.15;
    return max(abs(p.x) * 0.872 - (p.y + 1.2) * 0.489, p.y - 0.85);
  }
  vec2 q = vec2(p.x + p.y, p.x - p.y) * 0.7071;
  return min(box(q, vec2(1.14, 0.28)), box(q, vec2(0.28, 1.14)));
}

// The same without the hole of the ring.
float outline(vec2 p) {
  return state == 0 ? length(p) - 0.99 : shape(p);
}

void main() {
  float edge = 0.5 / pixels;
  float inside;
  float around = 0.0;
  if (line.x > 0.0) {
    inside = 1.0 - smoothstep(-edge, edge, box(at, line));
  } else {
    vec2 p = at / radius;
    inside = 1.0 - smoothstep(-edge, edge, shape(p) * radius);
    around = 1.0 - smoothstep(-edge, edge, outline(p) * radius - min(1.2, radius * 0.3));
  }
  float alpha = max(inside, around);
  vec3 tone = mix(ground, colours[state], inside);
  if (halo == 1) {
    vec2 q = abs(at);
    vec2 b = (line.x > 0.0 ? line : vec2(radius * 1.1)) + 4.0;
    vec2 from = b - min(vec2(5.0), b * 0.6);
    bool upright = abs(q.x - b.x) < 1.0 && q.y > from.y && q.y < b.y + 1.0;
    bool level = abs(q.y - b.y) < 1.0 && q.x > from.x && q.x < b.x + 1.0;
    if (upright || level) {
      tone = ink;
      alpha = 1.0;
    }
  }
  alpha *= opacity;
  colour = vec4(tone * alpha, alpha);
}
`;
