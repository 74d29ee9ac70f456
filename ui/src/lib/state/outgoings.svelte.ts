// The Outbox and what is scheduled.

import { asFailure, call, type CallFailed } from '../engine/call';
import type { OutgoingRow } from '../engine/types';
import type { ListModel } from './lists';
import { reader } from './reader.svelte';

class Outgoings implements ListModel {
  rows = $state.raw<OutgoingRow[]>([]);
  loaded = $state(false);
  failure = $state.raw<CallFailed | null>(null);
  selectedIndex = $state(-1);
  scrollTop = 0;
  readonly #filter: 'outbox' | 'scheduled';
  #turn = 0;

  constructor(filter: 'outbox' | 'scheduled') {
    this.#filter = filter;
  }

  get count(): number {
    return this.rows.length;
  }

  select(index: number): void {
    if (this.count === 0) return;
    this.selectedIndex = Math.min(Math.max(index, 0), this.count - 1);
    this.open();
  }

  open(): void {
    const row = this.rows[this.selectedIndex];
    if (row) reader.showOutgoing(row.id);
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
      const rows = await call('outgoing_list', { filter: this.#filter });
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

export const outbox = new Outgoings('outbox');
export const scheduled = new Outgoings('scheduled');
