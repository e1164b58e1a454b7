// Runs pipelines through the page's own engine, without its controls.

import type { Compare } from '../../web/compare/compare.svelte';
import type { Page } from '@playwright/test';
import type { Engine } from '../../web/engine/client';
import type { Learning } from '../../web/learning.svelte';
import type { Hint } from '../../web/engine/generated/Hint';
import type { Metrics } from '../../web/engine/generated/Metrics';
import type { PartialConfig } from '../../web/engine/partial';
import type { Session } from '../../web/session.svelte';

declare global {
  interface Window {
    clearpipe: { engine: Engine; session: Session; comparing: Compare; learning: Learning };
  }
}

export interface Work {
  config: PartialConfig;
  inputs: { name: string; bytes: Buffer }[];
  /** Whether the files are so large that only their hashes are wanted. */
  hashes: boolean;
}

export type Found =
  | { problems: string[]; hints: (Hint | null)[] }
  | { metrics: Metrics; processed: string; failed: string };

/** As a message says it that stands alone: what is wrong with a setting is read behind its name. */
function sentence({ path, text }: { path: string; text: string }): string {
  return /^(is|must) /.test(text) ? `\`${path}\` ${text}` : text;
}

/** What a run on the page leads to; the files as texts of bytes, or their SHA-256. */
export async function runInPage(page: Page, work: Work): Promise<Found> {
  const { config, inputs, hashes } = work;
  const found = await page.evaluate(
    async ({ config, packedInputs, hashes }) => {
      const packed = async (file: Blob) => {
        const bytes = new Uint8Array(await file.arrayBuffer());
        const short = hashes ? new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)) : bytes;
        let text = '';
        for (let at = 0; at < short.length; at += 0x8000) {
          text += String.fromCharCode(...short.subarray(at, at + 0x8000));
        }
        return btoa(text);
      };
      const file = ({ name, base64 }: { name: string; base64: string }) => ({
        name,
        blob: new Blob([Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))]),
      });
      const inputs = packedInputs.map(file);
      try {
        const { finished } = window.clearpipe.engine.run(config, { inputs });
        const { metrics, processed, failed } = await finished;
        return { metrics, processed: await packed(processed), failed: await packed(failed) };
      } catch (error) {
        const { failure } = error as Partial<import('../../web/engine/client').RunFailed>;
        if (failure?.reason === 'config') return { problems: failure.problems };
        if (failure?.reason === 'run')
          return { problems: [{ path: '', text: failure.message, hint: null }] };
        throw error;
      }
    },
    {
      config,
      hashes,
      packedInputs: inputs.map(({ name, bytes }) => ({ name, base64: bytes.toString('base64') })),
    },
  );
  if ('problems' in found) {
    const { problems } = found;
    return { problems: problems.map(sentence), hints: problems.map(({ hint }) => hint) };
  }
  const text = (base64: string) =>
    Buffer.from(base64, 'base64').toString(hashes ? 'hex' : 'latin1');
  return {
    metrics: found.metrics,
    processed: text(found.processed),
    failed: text(found.failed),
  };
}
