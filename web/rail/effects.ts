// What each change of this run has brought, up to the time on screen.

import { effectOf } from '../analysis/change-effect';
import type { Effect } from '../analysis/change-effect';
import { seconds } from '../analysis/headline';
import { settingChanges } from '../analysis/setting-changes';
import type { SettingChange } from '../analysis/setting-changes';
import { perSecond, signedPercent } from '../format';
import type { Recording } from '../recording/recording';

export interface ChangeEffect {
  change: SettingChange;
  effect: Effect;
}

/** As many changes are listed, the last ones. */
const MAX_LISTED = 12;

export function changeEffects(recording: Recording, time: number): ChangeEffect[] {
  const changes = settingChanges(recording, time);
  const first = Math.max(0, changes.length - MAX_LISTED);
  return changes.slice(first).map((change, at) => ({
    change,
    effect: effectOf(recording, change, time, {
      previous: changes[first + at - 1]?.time ?? 0,
      next: changes[first + at + 1]?.from ?? null,
    }),
  }));
}

/** An effect in words: the rate before, the one after, and what there is to say of it. */
export interface EffectText {
  before: string;
  /** Empty while it isn't known. */
  after: string;
  /** Whether the rate after will stay as it is. */
  isFinal: boolean;
  comment: string;
  /** How much faster it is; empty until that is final. */
  change: string;
}

/** @param nameOf returns the name of a channel, by node */
export function effectText(effect: Effect, nameOf: (channel: number) => string): EffectText {
  const before = effect.before ? perSecond(effect.before.rate) : '';
  const open = { before, after: '', isFinal: false, change: '' };
  switch (effect.state) {
    case 'measuring':
      return { ...open, comment: `measuring, ${tenths(effect.left)} more` };
    case 'draining':
      return {
        ...open,
        after: perSecond(effect.now),
        comment: `while ${nameOf(effect.draining.channel)} drains`,
      };
    case 'unknown':
      return {
        ...open,
        comment: effect.isReplaced
          ? 'changed again too soon to tell'
          : 'the run ended too soon to tell',
      };
    case 'final': {
      const change = effect.before
        ? effect.change === 0
          ? 'the same'
          : signedPercent(effect.change)
        : '';
      return {
        ...{ before, after: perSecond(effect.after.rate), isFinal: true, change },
        comment: change === '' ? 'records/s' : 'records/s,',
      };
    }
  }
}

/** How a final effect was measured: `Measured over 8 s; the same within 4 %.` */
export function effectNote(effect: Effect): string {
  if (effect.state !== 'final') return '';
  const { after, before, change } = effect;
  const over = `Measured over ${seconds(after.to - after.from)}`;
  if (!before || change !== 0 || before.rate <= 0) return `${over}.`;
  const within = (2 * Math.hypot(before.error, after.error)) / before.rate;
  return `${over}: any difference is within ±${Math.max(1, Math.round(within * 100))}\u00a0%.`;
}

/** Counts down in tenths of a second, so that the text keeps its width. */
function tenths(nanoseconds: number): string {
  return `${(Math.ceil(nanoseconds / 1e8) / 10).toFixed(1)}\u00a0s`;
}
