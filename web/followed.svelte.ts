// The record that is followed: how it is found, by its number or by the user's own id, and its line in the results.

import { LIMIT, findLine, findByOwnId } from './analysis/find-line';
import type { OwnIdMatches } from './analysis/find-line';
import type { RunResult } from './engine/protocol';
import { bytes } from './format';
import type { Screen } from './screen.svelte';
import { visible } from './visible';

/** How much of an id is displayed in a sentence, in characters. */
const MAX_ID_LENGTH = 80;

/** The outcome of looking for a record. */
interface FollowResult {
  /** Why it isn't followed. */
  problem: string;
  /** What the user should know even though it is followed. */
  note: string;
}

const REMOVED = 'The browser has removed the results. Run again to make them anew.';

const FOLLOWED: FollowResult = { problem: '', note: '' };

function problem(problem: string): FollowResult {
  return { ...FOLLOWED, problem };
}

/** Shortens an id for use in a sentence. */
function shortened(id: string): string {
  return visible(id.length > MAX_ID_LENGTH ? `${id.slice(0, MAX_ID_LENGTH)}…` : id);
}

/** The run whose records can be followed. */
export interface FollowableRun {
  readonly screen: Screen;
  /** The user's files, if any. */
  readonly input: { readonly files: readonly File[] } | null;
  /** Its outcome, once it has ended. */
  readonly result: RunResult | null;
  readonly isRunning: boolean;
}

export class FollowedRecord {
  /** Its line in the results. */
  line = $state.raw<string | null>(null);
  /** Why the line is unknown or uncertain. */
  note = $state('');
  readonly #run: FollowableRun;
  /** Aborts the search for the line. */
  #search = new AbortController();

  constructor(run: FollowableRun) {
    this.#run = run;
  }

  /** Finds the line of the followed record in the results. */
  async findLine(): Promise<void> {
    this.#search.abort();
    const { signal } = (this.#search = new AbortController());
    const { result, input, screen } = this.#run;
    const { chosen, recording } = screen;
    this.line = null;
    this.note = '';
    if (recording?.origin === 'file') {
      this.line = chosen === null ? null : (recording.lines.get(chosen) ?? null);
      return;
    }
    if (chosen === null || !result || !input) return;
    const files = [result.processed, result.failed];
    if (!this.hasOwnIds) {
      const ordered = recording?.config.ordered ?? true;
      for (const file of files) {
        const line = await findLine(file, chosen, { ordered }).catch(() => undefined);
        if (signal.aborted) return;
        if (line === undefined) this.note = REMOVED;
        this.line = line ?? null;
        if (line !== null) return;
      }
      return;
    }
    const id = recording?.ids.idOf(chosen) ?? null;
    if (id === null) return;
    const found = recording?.ids.isRepeated(id)
      ? null
      : await findByOwnId(files, id, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    if (found === undefined) {
      this.note = REMOVED;
      return;
    }
    if (found === null || found.isRepeated) {
      this.note =
        'Several records have this id, so it can’t be told which line of the results is this one’s.';
      return;
    }
    this.line = found.first?.line ?? null;
    if (!found.isWhole) {
      this.note = found.first
        ? `Only the first ${bytes(LIMIT)} of each file were searched: there may be other records with this id.`
        : `Its line is not in the first ${bytes(LIMIT)} of each file of the results; no more was searched.`;
    }
  }

  /** Whether the records on screen have ids of their own, by which the user knows them. */
  get hasOwnIds(): boolean {
    const { recording } = this.#run.screen;
    if (recording?.origin === 'file') return recording.ids.size > 0;
    return (this.#run.input?.files.length ?? 0) > 0;
  }

  /** Follows the record with one of the user's own ids, or with a number. */
  async follow(wanted: string): Promise<FollowResult> {
    const { recording } = this.#run.screen;
    const text = wanted.trim();
    const number = /^(?:#|rec-)?(\d{1,15})$/.exec(text)?.[1];
    if (!this.hasOwnIds) {
      if (number === undefined) {
        return problem('Type the number of a record, such as 12, or its id, such as rec-0012.');
      }
      this.#follow(Number(number));
      return FOLLOWED;
    }
    if (text === '') return problem('Type the id of a record.');
    // Surrounding whitespace may be part of an id.
    const ids = wanted === text ? [text] : [wanted, text];
    for (const id of ids) {
      const own = recording?.ids.numberOf(id) ?? null;
      if (own === null) continue;
      this.#follow(own);
      if (!recording?.ids.isRepeated(id)) return FOLLOWED;
      const note = `Several records have the id “${shortened(id)}”. This is the first of them that was traced.`;
      return { ...FOLLOWED, note };
    }
    // Only with a `#` is a number certain not to be an id.
    if (number !== undefined && text.startsWith('#')) {
      this.#follow(Number(number));
      return FOLLOWED;
    }
    const why = await this.#whyNotFollowed(ids);
    return problem(number === text ? `${why} For record number ${text}, type #${text}.` : why);
  }

  #follow(record: number): void {
    const { screen } = this.#run;
    if (screen.chosen !== record) screen.choose(record);
  }

  /** If there are several ids, the user knows the last one. */
  async #whyNotFollowed(ids: readonly string[]): Promise<string> {
    const name = `“${shortened(ids.at(-1) ?? '')}”`;
    const { result, screen, isRunning } = this.#run;
    const { sample } = screen.scene;
    const few = sample > 1 ? ' In a run this large, only some records are traced.' : '';
    if (!result) {
      return isRunning
        ? `No record with the id ${name} has been traced so far.${few}`
        : `No record with the id ${name} was traced.${few}`;
    }
    const found: OwnIdMatches[] = [];
    for (const id of ids) {
      const lines = await findByOwnId([result.processed, result.failed], id).catch(() => null);
      if (lines === null) return REMOVED;
      if (lines.first) {
        const file = lines.first.file === 0 ? 'processed_data.jsonl' : 'failed_data.jsonl';
        return `The record ${name} is in ${file}, but it can’t be followed: it was not traced.${few}`;
      }
      found.push(lines);
    }
    const unread = found.find(({ parseError }) => parseError !== null)?.parseError ?? null;
    if (unread !== null) {
      return `${name} is in a record that could not be read: ${visible(unread)}.`;
    }
    return found.every(({ isWhole }) => isWhole)
      ? `No record with the id ${name} was found in the results of this run.`
      : `No record with the id ${name} was found in the first ${bytes(LIMIT)} of each file of the results; no more was searched.`;
  }
}
