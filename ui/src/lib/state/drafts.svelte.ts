// The list of drafts.

import { asFailure, call, type CallFailed } from '../engine/call';
import type { DraftView } from '../engine/types';
import { composer } from './composer.svelte';
import type { ListModel } from './lists';

class Drafts implements ListModel {
  rows = $state.raw<DraftView[]>([]);
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
    if (row) void composer.openDraft(row.id);
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
      const rows = await call('draft_list', {});
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

export const drafts = new Drafts();
