// What a picture is made of: a recording at a time, and how it is shown.

import type { PictureLimit } from '../picture/controls';
import { RAMP } from '../recording/playback';
import type { Recording } from '../recording/recording';
import type { Residencies } from '../recording/residencies';
import { STANDARD } from '../recording/topology';
import { arrange } from '../scene/arrange';
import { computeLayout } from '../scene/layout';
import type { Form, Layout } from '../scene/layout';
import { momentAt } from '../scene/position';
import type { Moment } from '../scene/position';
import { pressureRoutes } from '../scene/pressure';
import type { PressureRoute } from '../scene/pressure';
import { Routes } from '../scene/routes';
import { sceneAt } from '../scene/scene-state';
import type { SceneState } from '../scene/scene-state';
import type { Focus, Screen } from '../screen.svelte';
import { fromConfig } from '../settings/from-config';
import { settingsControls } from '../settings/on-picture';

/** How large a picture is laid out, in CSS pixels. */
export interface Size {
  width: number;
  height: number;
  form: Form;
  /** The scale of text: above 1 for presenters. */
  scale: number;
}

/** What is shown, whatever the time. */
export interface Subject {
  recording: Recording;
  residencies: Residencies;
  /** The record that is followed. */
  chosen: number | null;
  focus: Focus | null;
  /** Seconds of the run per second on screen. */
  speed: number;
  /** How much wider texts are than in the font of the page. */
  textFactor: number;
}

/** A picture at a time, ready to be drawn. */
export interface Shot {
  subject: Subject;
  limit: PictureLimit | null;
  scene: SceneState;
  routes: Routes;
  layout: Layout;
  pressure: PressureRoute[];
  moment: Moment;
  /** What is below the name of a stage, longer forms first. */
  subs: ReadonlyMap<number, readonly string[]>;
}

/** Returns what is on screen; null if nothing is. */
export function subjectOf(screen: Screen): Subject | null {
  const { recording, residencies, chosen, focus, playback, drawn } = screen;
  if (!recording || !residencies || !playback || recording.log.length === 0) return null;
  return {
    ...{ recording, residencies, chosen, focus },
    speed: playback.live ? 1 : Math.abs(playback.speed),
    textFactor: drawn?.routes.layout.textFactor ?? 1,
  };
}

/** Returns the size at which the picture is on screen; that of a desktop if it has not been drawn yet. */
export function sizeOf({ drawn }: Screen): Size {
  const { width, height, form, scale } = drawn?.routes.layout ?? DESKTOP;
  return { width, height, form, scale };
}

const DESKTOP: Size = { width: 980, height: 386, form: 'wide', scale: 1 };

/**
 * Lays out a picture.
 *
 * @param time in nanoseconds of the run
 * @param isMoving whether records are on their way; if not, each is where it belongs
 */
export function shotAt(
  subject: Subject,
  size: Size,
  time: number,
  limit: PictureLimit | null,
  isMoving: boolean,
): Shot {
  const { recording, residencies, speed, textFactor, focus } = subject;
  const { topology, origin, log } = recording;
  // While the last dots arrive, what is told is that of the end.
  const end = origin === 'live' ? log.watermark : recording.duration;
  const scene = sceneAt(recording, residencies, Math.min(time, end));
  const subs = size.form === 'wide' ? subsAt(recording, scene.time, focus) : NO_SUBS;
  const layout = computeLayout(topology, {
    ...size,
    ...{ sample: scene.sample, textFactor, controls: false },
    workers: scene.stages.map(({ count }) => count),
    capacities: scene.channels.map(({ capacity }) => capacity),
  });
  arrange(topology, layout, subs.size > 0);
  const routes = new Routes(topology, layout);
  const known = origin === 'live' ? log.watermark : Infinity;
  return {
    ...{ subject, limit, scene, routes, layout, subs },
    pressure: pressureRoutes(topology, routes, scene.stages, scene.channels),
    moment: momentAt(residencies, time, isMoving ? RAMP * 1e6 * speed : 0, known),
  };
}

/** Returns what each stage was set to take, from the configuration that the run had at a time. */
function subsAt(
  recording: Recording,
  time: number,
  focus: Focus | null,
): ReadonlyMap<number, readonly string[]> {
  const { topology } = recording;
  const subs = new Map<number, readonly string[]>();
  if (topology !== STANDARD) return subs;
  const { settings } = fromConfig(recording.configAt(time));
  const controls = settingsControls(settings, () => false, settings);
  for (const { node, id } of topology.stages) {
    // As on the page: consumers have theirs when they are chosen.
    if (topology.isSink(node) && focus?.stage !== node) continue;
    const texts = controls.rate(id)?.texts ?? controls.time(id)?.texts;
    if (texts) subs.set(node, texts);
  }
  return subs;
}

const NO_SUBS: ReadonlyMap<number, readonly string[]> = new Map();
