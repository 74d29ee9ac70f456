// The Outbox and what is scheduled.

import { call } from '../engine/call';
import type { OutgoingRow } from '../engine/types';
import { reader } from './reader.svelte';
import { WholeList } from './whole-list.svelte';

class Outgoings extends WholeList<OutgoingRow> {
  readonly #filter: 'outbox' | 'scheduled';

  constructor(filter: 'outbox' | 'scheduled') {
    super();
    this.#filter = filter;
  }

  protected read(): Promise<OutgoingRow[]> {
    return call('outgoing_list', { filter: this.#filter });
  }

  /** What is selected is shown. */
  override select(index: number): void {
    super.select(index);
    this.open();
  }

  open(): void {
    const row = this.rows[this.selectedIndex];
    if (row) reader.showOutgoing(row.id);
  }
}

export const outbox = new Outgoings('outbox');
export const scheduled = new Outgoings('scheduled');
