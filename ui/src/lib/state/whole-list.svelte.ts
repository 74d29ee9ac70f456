// A list that is short enough to be read whole, as drafts and the Outbox are.

import { asFailure, type CallFailed } from '../engine/call';
import type { ListModel } from './lists';

export abstract class WholeList<Row extends { id: unknown }> implements ListModel {
  rows = $state.raw<Row[]>([]);
  loaded = $state(false);
  failure = $state.raw<CallFailed | null>(null);
  selectedIndex = $state(-1);
  scrollTop = 0;
  #turn = 0;

  /** All rows, as they are now. */
  protected abstract read(): Promise<Row[]>;

  abstract open(): void;

  get count(): number {
    return this.rows.length;
  }

  select(index: number): void {
    if (this.count > 0) this.selectedIndex = Math.min(Math.max(index, 0), this.count - 1);
  }

  /** From its top, with nothing selected. */
  begin(): void {
    this.selectedIndex = -1;
    this.scrollTop = 0;
  }

  /** What is selected stays selected where it is still there. */
  async refresh(): Promise<void> {
    const turn = ++this.#turn;
    const selected = this.rows[this.selectedIndex]?.id;
    try {
      const rows = await this.read();
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
