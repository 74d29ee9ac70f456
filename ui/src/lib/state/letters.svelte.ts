// A list of letters: a window onto a list of any length. Pages are fetched as they come into view; when something
// changes, what is in view is fetched again and the list keeps its place. What a search found is such a list as well.

import { asFailure, call, type CallFailed } from '../engine/call';
import type { LetterChange, LetterId, LetterPage, LetterRow, ListSource } from '../engine/types';
import { indexOfKey, pagesOf, withoutRows, type Range } from '../pure/windowing';
import type { ListModel } from './lists';
import { notices } from './notices.svelte';
import { reader } from './reader.svelte';

const PAGE = 100;
/** The engine gives no more rows at once. */
export const LARGEST = 500;
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

/** Where the rows of a list come from. */
export type LetterSource = ListSource | { list: 'search'; query: string };

/** Asks the engine for some rows. A search is answered whole, wherever one asks. */
async function rowsOf(source: LetterSource, offset: number, limit: number): Promise<LetterPage> {
  if (source.list !== 'search') return call('letter_list', { source, offset, limit });
  const rows = await call('letter_search', { query: source.query, limit: LARGEST });
  return { total: rows.length, offset: 0, rows };
}

class Letters implements ListModel {
  source = $state.raw<LetterSource | null>(null);
  count = $state(0);
  loaded = $state(false);
  failure = $state.raw<CallFailed | null>(null);
  rows = $state.raw<ReadonlyMap<number, LetterRow>>(new Map());
  selectedIndex = $state(-1);
  /** How many rows the content moved, for the view to follow; a new object each time. */
  shift = $state.raw({ rows: 0 });
  scrollTop = 0;

  #selectedRow: LetterRow | null = null;
  #view: Range = { first: 0, end: 20 };
  #top = 0;
  #epoch = 0;
  #turn = 0;
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
  async show(source: LetterSource): Promise<void> {
    this.clear();
    this.source = source;
    await this.#fetch(0);
  }

  /** Shows another list as soon as it is here; until then what was shown stays. */
  async turnTo(source: LetterSource): Promise<void> {
    const turn = ++this.#turn;
    try {
      const page = await rowsOf(source, 0, PAGE);
      if (turn !== this.#turn) return;
      this.clear();
      this.source = source;
      this.#accept(page.rows, page.offset, PAGE, page.total);
    } catch (error) {
      if (turn !== this.#turn) return;
      this.clear();
      this.source = source;
      this.failure = asFailure(error);
    }
  }

  /** Empties the list. */
  clear(): void {
    this.#turn += 1;
    this.source = null;
    this.#forget();
    this.loaded = false;
    this.failure = null;
    this.count = 0;
    this.rows = new Map();
    this.selectedIndex = -1;
    this.#selectedRow = null;
    this.#view = { first: 0, end: 20 };
    this.#top = 0;
    this.scrollTop = 0;
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

  /** Whether a change of these mailboxes may show here. A list over several mailboxes is always concerned. */
  concerns(mailboxes: number[]): boolean {
    const source = this.source;
    return source !== null && (source.list !== 'mailbox' || mailboxes.includes(source.mailbox));
  }

  /** Shows a change before the engine has made it. */
  foresee(ids: ReadonlySet<LetterId>, change: LetterChange): void {
    const concerned = [...this.rows].filter(([, { letter }]) => letter !== null && ids.has(letter));
    if (concerned.length === 0) return;
    if (change.change === 'seen') this.#replace(concerned, (row) => ({ ...row, unread: !change.on }));
    else if (change.change === 'flagged') this.#replace(concerned, (row) => ({ ...row, flagged: change.on }));
    else this.#takeOut(new Set(concerned.map(([index]) => index)));
  }

  #replace(concerned: [number, LetterRow][], changed: (row: LetterRow) => LetterRow): void {
    const rows = new Map(this.rows);
    for (const [index, row] of concerned) {
      rows.set(index, changed(row));
      reader.follow(changed(row));
    }
    this.rows = rows;
    this.#selectedRow = this.selected ?? this.#selectedRow;
  }

  /** Takes rows out, and goes on to the row that takes the place of the selected one. */
  #takeOut(indices: ReadonlySet<number>): void {
    this.#forget();
    const before = [...indices].filter((index) => index < this.selectedIndex).length;
    const goesOn = indices.has(this.selectedIndex);
    this.rows = withoutRows(this.rows, indices);
    this.count = Math.max(0, this.count - indices.size);
    this.selectedIndex = Math.min(this.selectedIndex - before, this.count - 1);
    if (!goesOn) return;
    if (this.count > 0) this.select(this.selectedIndex);
    else {
      this.#selectedRow = null;
      reader.close();
    }
  }

  /** What was asked for before is no longer wanted. */
  #forget(): void {
    this.#epoch += 1;
    this.#asked.clear();
  }

  /** These rows need not be asked for again. */
  #keep(offset: number, count: number): void {
    for (let page = offset; page < offset + count; page += PAGE) this.#asked.add(page);
  }

  async #fetch(offset: number): Promise<void> {
    if (this.source === null || this.#asked.has(offset)) return;
    this.#asked.add(offset);
    const epoch = this.#epoch;
    try {
      const page = await rowsOf(this.source, offset, PAGE);
      if (epoch !== this.#epoch) return;
      const rows = new Map(this.rows);
      page.rows.forEach((row, index) => rows.set(page.offset + index, row));
      this.#keep(page.offset, page.rows.length);
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
      const page = await rowsOf(source, offset, limit);
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
    this.#keep(offset, Math.max(limit, rows.length));
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

export type LetterList = Letters;

/** The letters of a place. */
export const letters = new Letters();

/** What a search found. */
export const found = new Letters();
