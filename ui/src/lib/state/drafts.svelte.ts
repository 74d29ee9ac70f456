// The list of drafts.

import { call } from '../engine/call';
import type { DraftView, LetterRow } from '../engine/types';
import { composer } from './composer.svelte';
import { notices } from './notices.svelte';
import { WholeList } from './whole-list.svelte';

/** A draft that is here, or a letter in Drafts that another program left there. */
export type DraftRow = { id: string; saved_at: string } & (
  { here: DraftView; elsewhere?: undefined } | { here?: undefined; elsewhere: LetterRow }
);

class Drafts extends WholeList<DraftRow> {
  protected async read(): Promise<DraftRow[]> {
    const [here, elsewhere] = await Promise.all([call('draft_list', {}), call('draft_elsewhere', {})]);
    return merged(here, elsewhere ?? []);
  }

  open(): void {
    const row = this.rows[this.selectedIndex];
    if (row?.here) void composer.openDraft(row.here.id);
    else if (row?.elsewhere) void this.#adopt(row.elsewhere);
  }

  /** It is a draft here from now on. */
  async #adopt({ letter }: LetterRow): Promise<void> {
    if (letter === null) return;
    try {
      composer.open(await call('draft_adopt', { letter }));
    } catch (error) {
      notices.fail(error);
    }
  }
}

function merged(here: DraftView[], elsewhere: LetterRow[]): DraftRow[] {
  const rows: DraftRow[] = [
    ...here.map((draft) => ({ id: `draft-${draft.id}`, saved_at: draft.saved_at, here: draft })),
    ...elsewhere.map((letter) => ({ id: `letter-${letter.letter}`, saved_at: letter.date, elsewhere: letter })),
  ];
  return rows.sort((a, b) => b.saved_at.localeCompare(a.saved_at));
}

export const drafts = new Drafts();
