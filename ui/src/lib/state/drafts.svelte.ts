// The list of drafts.

import { asFailure, call, type CallFailed } from '../engine/call';
import type { DraftView, LetterRow } from '../engine/types';
import { composer } from './composer.svelte';
import type { ListModel } from './lists';
import { notices } from './notices.svelte';

/** A draft that is here, or a letter in Drafts that another program left there. */
export type DraftRow = { id: string; saved_at: string } & (
  { here: DraftView; elsewhere?: undefined } | { here?: undefined; elsewhere: LetterRow }
);

class Drafts implements ListModel {
  rows = $state.raw<DraftRow[]>([]);
  loaded = $state(false);
  failure = $state.raw<CallFailed | null>(null);
  selectedIndex = $state(-1);
  scrollTop = 0;
  #turn = 0;

  get count(): number {
    return this.rows.length;
  }

  select(index: number): void {
    if (this.count > 0) this.selectedIndex = Math.min(Math.max(index, 0), this.count - 1);
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

  /** From its top, with nothing selected. */
  begin(): void {
    this.selectedIndex = -1;
    this.scrollTop = 0;
  }

  async refresh(): Promise<void> {
    const turn = ++this.#turn;
    const selected = this.rows[this.selectedIndex]?.id;
    try {
      const [here, elsewhere] = await Promise.all([call('draft_list', {}), call('draft_elsewhere', {})]);
      const rows = merged(here, elsewhere ?? []);
      if (turn !== this.#turn) return;
      this.rows = rows;
      this.selectedIndex = selected === undefined ? -1 : rows.findIndex((row) => row.id === selected);
      this.loaded = true;
      this.failure = null;
    } catch (error) {
      if (turn === this.#turn) this.failure = asFailure(error);
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
