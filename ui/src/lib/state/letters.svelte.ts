// The list of letters: a window onto a list of any length. Pages are fetched as they come into view; when something
// changes, what is in view is fetched again and the list keeps its place.

import { asFailure, call, type CallFailed } from '../engine/call';
import type { LetterChange, LetterRow, ListSource } from '../engine/types';
import { indexOfKey, pagesOf, withoutRow, type Range } from '../pure/windowing';
import type { ListModel } from './lists';
import { notices } from './notices.svelte';
import { reader } from './reader.svelte';

const PAGE = 100;
const LARGEST = 500;
const PAUSE = 150;

/** Where the same letter is among these rows. What was sent from here keeps its outgoing when its copy comes in. */
function sameRow(rows: ReadonlyMap<number, LetterRow>, row: LetterRow): number {
  const index = indexOfKey(rows, keyOf(row), keyOf);
  if (index >= 0 || row.outgoing === null) return index;
  return indexOfKey(rows, String(row.outgoing), ({ outgoing }) => String(outgoing));
}

/** A row's name that stays while the list changes. */
export function keyOf(row: LetterRow): string {
  return row.letter === null ? `outgoing-${row.outgoing}` : `letter-${row.letter}`;
}

class Letters implements ListModel {
  source = $state.raw<ListSource | null>(null);
  count = $state(0);
  loaded = $state(false);
  failure = $state.raw<CallFailed | null>(null);
  rows = $state.raw<ReadonlyMap<number, LetterRow>>(new Map());
  selectedIndex = $state(-1);
  /** How many rows the content moved, for the view to follow; a new object each time. */
  shift = $state.raw({ rows: 0 });

  #selectedRow: LetterRow | null = null;
  #view: Range = { first: 0, end: 20 };
  #top = 0;
  #epoch = 0;
  #asked = new Set<number>();
  #refreshing = false;
  #again = false;

  get selected(): LetterRow | undefined {
    return this.rows.get(this.selectedIndex);
  }

  /** The index of a letter among the rows that are here, or -1. */
  indexOf(letter: number): number {
    return indexOfKey(this.rows, `letter-${letter}`, keyOf);
  }

  /** Shows another list, from its top. */
  async show(source: ListSource): Promise<void> {
    this.source = source;
    this.#forget();
    this.loaded = false;
    this.failure = null;
    this.count = 0;
    this.rows = new Map();
    this.selectedIndex = -1;
    this.#selectedRow = null;
    this.#view = { first: 0, end: 20 };
    this.#top = 0;
    await this.#fetch(0);
  }

  /** Tells which rows are drawn, and which one is at the top of the view. */
  look(view: Range, top: number): void {
    this.#view = view;
    this.#top = top;
    for (const offset of pagesOf(view, PAGE)) void this.#fetch(offset);
  }

  select(index: number): void {
    if (this.count === 0) return;
    this.selectedIndex = Math.min(Math.max(index, 0), this.count - 1);
    this.#selectedRow = this.selected ?? null;
    if (this.selected) reader.show(this.selected);
    else void this.#fetchThenShow(this.selectedIndex);
  }

  open(): void {
    if (this.selected) reader.show(this.selected);
  }

  /** Fetches again what is in view. Calls that come while one is under way are one call after it. */
  async refresh(): Promise<void> {
    this.#again = true;
    if (this.#refreshing || this.source === null) return;
    this.#refreshing = true;
    while (this.#again) {
      this.#again = false;
      await this.#fetchView();
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
    this.#refreshing = false;
  }

  /** Whether a change of these mailboxes may show here. A list over accounts is always concerned. */
  concerns(mailboxes: number[]): boolean {
    const source = this.source;
    return source?.list === 'role' || (source?.list === 'mailbox' && mailboxes.includes(source.mailbox));
  }

  /** Changes a letter: seen here at once, then done by the engine. */
  async change(row: LetterRow, change: LetterChange): Promise<void> {
    if (row.letter === null) return;
    const index = indexOfKey(this.rows, keyOf(row), keyOf);
    if (change.change === 'seen') this.#replace(index, { ...row, unread: !change.on });
    else if (change.change === 'flagged') this.#replace(index, { ...row, flagged: change.on });
    else this.#takeOut(index);
    try {
      await call('letter_change', { letters: [row.letter], change });
    } catch (error) {
      notices.fail(error);
      void this.refresh();
    }
  }

  #replace(index: number, row: LetterRow): void {
    if (index < 0) return;
    this.rows = new Map(this.rows).set(index, row);
    reader.follow(row);
  }

  /** Takes a row out and goes to the one that takes its place. */
  #takeOut(index: number): void {
    if (index < 0) return;
    this.#forget();
    this.rows = withoutRow(this.rows, index);
    this.count = Math.max(0, this.count - 1);
    if (index > this.selectedIndex) return;
    if (index < this.selectedIndex) this.selectedIndex -= 1;
    else if (this.count > 0) this.select(Math.min(index, this.count - 1));
    else {
      this.selectedIndex = -1;
      reader.close();
    }
  }

  /** What was asked for before is no longer wanted. */
  #forget(): void {
    this.#epoch += 1;
    this.#asked.clear();
  }

  async #fetch(offset: number): Promise<void> {
    if (this.source === null || this.#asked.has(offset)) return;
    this.#asked.add(offset);
    const epoch = this.#epoch;
    try {
      const page = await call('letter_list', { source: this.source, offset, limit: PAGE });
      if (epoch !== this.#epoch) return;
      const rows = new Map(this.rows);
      page.rows.forEach((row, index) => rows.set(page.offset + index, row));
      this.rows = rows;
      this.count = page.total;
    } catch (error) {
      if (epoch !== this.#epoch) return;
      this.#asked.delete(offset);
      if (this.rows.size === 0) this.failure = asFailure(error);
      else notices.fail(error);
    }
    if (epoch === this.#epoch) this.loaded = true;
  }

  async #fetchThenShow(index: number): Promise<void> {
    await this.#fetch(Math.floor(index / PAGE) * PAGE);
    if (index === this.selectedIndex && this.selected) this.select(index);
  }

  async #fetchView(): Promise<void> {
    const source = this.source;
    if (source === null) return;
    const offset = Math.max(0, Math.floor(this.#view.first / PAGE - 1) * PAGE);
    const limit = Math.min(LARGEST, Math.ceil((this.#view.end + PAGE - offset) / PAGE) * PAGE);
    try {
      const page = await call('letter_list', { source, offset, limit });
      if (source === this.source) this.#accept(page.rows, page.offset, limit, page.total);
    } catch (error) {
      notices.fail(error);
    }
  }

  #accept(rows: LetterRow[], offset: number, limit: number, total: number): void {
    const anchor = this.#top > 0 ? this.rows.get(this.#top) : undefined;
    const next = new Map(rows.map((row, index) => [offset + index, row]));
    const grown = total - this.count;
    this.#forget();
    for (let page = offset; page < offset + limit; page += PAGE) this.#asked.add(page);
    this.rows = next;
    this.count = total;
    this.loaded = true;
    this.failure = null;
    this.#followSelection(next, grown);
    const moved = anchor ? sameRow(next, anchor) : -1;
    if (moved >= 0 && moved !== this.#top) this.shift = { rows: moved - this.#top };
    for (const page of pagesOf(this.#view, PAGE)) void this.#fetch(page);
  }

  #followSelection(rows: ReadonlyMap<number, LetterRow>, grown: number): void {
    if (this.#selectedRow === null) return;
    const index = sameRow(rows, this.#selectedRow);
    const row = rows.get(index);
    if (row) {
      this.selectedIndex = index;
      this.#selectedRow = row;
      reader.follow(row);
    } else if (rows.has(this.selectedIndex)) {
      this.selectedIndex = -1;
      this.#selectedRow = null;
    } else {
      this.selectedIndex = Math.min(Math.max(0, this.selectedIndex + grown), this.count - 1);
    }
  }
}

export const letters = new Letters();
