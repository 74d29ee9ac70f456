// A list of letters: a window onto a list of any length. Pages are fetched as they come into view; when something
// changes, what is in view is fetched again and the list keeps its place. What a search found is such a list as well.

import { asFailure, call, type CallFailed } from '../engine/call';
import type {
  LetterChange,
  LetterId,
  LetterPage,
  LetterRow,
  ListSource,
  MailboxId,
  SearchPage,
} from '../engine/types';
import { isSameThread, lettersOf } from '../pure/threads';
import { indexOfKey, pagesOf, withoutRows, type Range } from '../pure/windowing';
import type { ListModel } from './lists';
import { conversation } from './conversation.svelte';
import { notices } from './notices.svelte';
import { upToDate } from './overtaken';
import { preferences } from './preferences.svelte';
import { reader } from './reader.svelte';
import { searched } from './searched.svelte';
import { session } from './session.svelte';

const PAGE = 100;
/** The engine gives no more rows at once. */
export const LARGEST = 500;
const PAUSE = 150;

/**
 * Where the same letter, or its thread, is among these rows. What was sent from here keeps its outgoing when its copy
 * comes in.
 */
function sameRow(rows: ReadonlyMap<number, LetterRow>, row: LetterRow): number {
  const index = indexOfKey(rows, keyOf(row), keyOf);
  if (index >= 0) return index;
  for (const [at, other] of rows) {
    if (isSameThread(other, row)) return at;
  }
  return row.outgoing === null ? -1 : indexOfKey(rows, String(row.outgoing), ({ outgoing }) => String(outgoing));
}

/** A row's name that stays while the list changes. */
export function keyOf(row: LetterRow): string {
  return row.letter === null ? `outgoing-${row.outgoing}` : `letter-${row.letter}`;
}

/** Where the rows of a list come from. */
export type LetterSource = ListSource | { list: 'search'; query: string; server?: boolean };

/** Rows of a list from some place on. */
interface Page extends Omit<LetterPage, 'total'> {
  /** How long the list is; `null` where nobody counted, and there is more. */
  total: number | null;
  found?: SearchPage;
}

/** Asks the engine for some rows. Servers answer a search whole, wherever one asks. */
async function rowsOf(source: LetterSource, offset: number, limit: number): Promise<Page> {
  if (source.list !== 'search') return call('letter_list', { source, offset, limit, threaded: preferences.threads });
  const { query } = source;
  if (source.server) {
    const found = await call('letter_search_server', { query });
    return { total: found.rows.length, offset: 0, rows: found.rows, found };
  }
  const found = await call('letter_search', { query, order: searched.order, offset, limit });
  return { total: found.total, offset, rows: found.rows, found };
}

/** A row without the label of a mailbox. The letter stays wherever it is seen. */
function withoutLabel(row: LetterRow, mailbox: MailboxId): LetterRow {
  return { ...row, labels: (row.labels ?? []).filter((label) => label.mailbox !== mailbox) };
}

/** The mailbox that a change moves a letter to, as far as it is known here. */
function target(row: LetterRow, change: LetterChange): MailboxId | null {
  if (change.change === 'move') return change.mailbox;
  const from = session.mailbox(row.mailbox);
  const at = session.mailboxes.find(
    ({ account, role }) => change.change === 'file' && account === from?.account && role === change.role,
  );
  return at?.id ?? row.mailbox;
}

class Letters implements ListModel {
  source = $state.raw<LetterSource | null>(null);
  count = $state(0);
  loaded = $state(false);
  failure = $state.raw<CallFailed | null>(null);
  rows = $state.raw<ReadonlyMap<number, LetterRow>>(new Map());
  selectedIndex = $state(-1);
  /** Letters that are selected together, by their keys; empty while it is one or none. */
  several = $state.raw<ReadonlyMap<string, LetterRow>>(new Map());
  /** How many rows the content moved, for the view to follow; a new object each time. */
  shift = $state.raw({ rows: 0 });
  scrollTop = 0;

  #selectedRow: LetterRow | null = null;
  /** Where a range that is being selected begins. */
  #anchor: LetterRow | null = null;
  #view: Range = { first: 0, end: 20 };
  #top = 0;
  #epoch = 0;
  #turn = 0;
  #asked = new Set<number>();
  #refreshing: Promise<void> | null = null;
  #again = false;

  get selected(): LetterRow | undefined {
    return this.rows.get(this.selectedIndex);
  }

  /** The index of a letter, or of its thread, among the rows that are here, or -1. */
  indexOf(letter: number): number {
    for (const [index, row] of this.rows) {
      if (lettersOf(row).includes(letter)) return index;
    }
    return -1;
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
      const page = await upToDate(() => rowsOf(source, 0, PAGE));
      if (turn !== this.#turn) return;
      this.clear();
      this.source = source;
      if (source.list === 'search' && page.found) searched.begin(source.query, page.found);
      this.#accept(page, PAGE);
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
    this.#only();
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
    this.#only();
    this.#goTo(index);
    if (this.selected) reader.show(this.selected);
    else void this.#fetchThenShow(this.selectedIndex);
  }

  /** Selects everything from where the range began. */
  extendTo(index: number): void {
    const from = this.#anchor ?? this.#selectedRow;
    const begin = from === null ? -1 : sameRow(this.rows, from);
    if (begin < 0 || this.count === 0) return this.select(index);
    this.#goTo(index);
    const [first, last] = [Math.min(begin, this.selectedIndex), Math.max(begin, this.selectedIndex)];
    this.#take([...this.rows].filter(([at]) => at >= first && at <= last).map(([, row]) => row));
    this.#anchor = from;
  }

  /** Selects a row as well, or no longer. */
  toggle(index: number): void {
    const row = this.rows.get(index);
    if (!row) return;
    const before = this.several.size > 0 ? [...this.several.values()] : this.#selectedRow ? [this.#selectedRow] : [];
    const others = before.filter((other) => keyOf(other) !== keyOf(row));
    this.#goTo(index);
    this.#take(others.length < before.length ? others : [...others, row]);
    this.#anchor = row;
  }

  /** Selects every row that is here. */
  selectAll(): void {
    if (this.selectedIndex < 0) this.#goTo(0);
    this.#take([...this.rows.values()]);
  }

  /** From several back to one. */
  leaveSeveral(): void {
    if (this.count > 0) this.select(this.selectedIndex);
  }

  isSelected(index: number): boolean {
    const row = this.rows.get(index);
    return this.several.size === 0 ? index === this.selectedIndex : row !== undefined && this.several.has(keyOf(row));
  }

  open(): void {
    if (this.selected) reader.show(this.selected);
  }

  #goTo(index: number): void {
    this.selectedIndex = Math.min(Math.max(index, 0), this.count - 1);
    this.#selectedRow = this.selected ?? null;
  }

  /** Selects these together. One alone is selected as ever, none leaves nothing open. */
  #take(rows: LetterRow[]): void {
    const [first] = rows;
    if (rows.length > 1) this.several = new Map(rows.map((row) => [keyOf(row), row]));
    else if (first) this.select(sameRow(this.rows, first));
    else {
      this.#only();
      this.selectedIndex = -1;
      this.#selectedRow = null;
      reader.close();
    }
  }

  #only(): void {
    this.several = new Map();
    this.#anchor = null;
  }

  /** Fetches again what is in view. Calls that come while one is under way are one call after it. */
  async refresh(): Promise<void> {
    this.#again = true;
    this.#refreshing ??= this.#refreshAll().finally(() => (this.#refreshing = null));
    await this.#refreshing;
  }

  async #refreshAll(): Promise<void> {
    while (this.#again && this.source !== null) {
      this.#again = false;
      await this.#fetchView();
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }

  /** Whether a change of these mailboxes may show here. A list over several mailboxes is always concerned. */
  concerns(mailboxes: number[]): boolean {
    const source = this.source;
    if (source === null || (source.list === 'search' && source.server)) return false;
    return source.list !== 'mailbox' || mailboxes.includes(source.mailbox);
  }

  /** Shows a change before the engine has made it. */
  foresee(ids: ReadonlySet<LetterId>, change: LetterChange): void {
    this.#foreseeConversation(ids, change);
    const touched = [...this.rows].filter(([, row]) => lettersOf(row).some((letter) => ids.has(letter)));
    // Of a thread that is changed in part, only the engine knows what is left to be said.
    const whole = touched.filter(([, row]) => lettersOf(row).every((letter) => ids.has(letter)));
    if (change.change === 'seen') this.#replace(whole, (row) => ({ ...row, unread: !change.on }));
    else if (change.change === 'flagged') this.#replace(whole, (row) => ({ ...row, flagged: change.on }));
    else if (change.change === 'unlabel') this.#replace(whole, (row) => withoutLabel(row, change.mailbox));
    // What was found stays found, wherever it is moved.
    else if (this.source?.list === 'search' && change.change !== 'delete')
      this.#replace(whole, (row) => ({ ...row, mailbox: target(row, change) }));
    else if (whole.length > 0) this.#takeOut(new Set(whole.map(([index]) => index)));
  }

  #foreseeConversation(ids: ReadonlySet<LetterId>, change: LetterChange): void {
    if (change.change === 'seen') conversation.foresee(ids, (row) => ({ ...row, unread: !change.on }));
    else if (change.change === 'flagged') conversation.foresee(ids, (row) => ({ ...row, flagged: change.on }));
    else if (change.change === 'unlabel') conversation.foresee(ids, (row) => withoutLabel(row, change.mailbox));
  }

  #replace(concerned: [number, LetterRow][], changed: (row: LetterRow) => LetterRow): void {
    const rows = new Map(this.rows);
    for (const [index, row] of concerned) {
      rows.set(index, changed(row));
      reader.follow(changed(row));
    }
    this.rows = rows;
    this.#selectedRow = this.selected ?? this.#selectedRow;
    this.#followSeveral(rows);
  }

  /** Takes rows out, and goes on to the row that takes the place of the selected one. */
  #takeOut(indices: ReadonlySet<number>): void {
    this.#forget();
    const before = [...indices].filter((index) => index < this.selectedIndex).length;
    const goesOn = indices.has(this.selectedIndex) || this.several.size > 0;
    this.#only();
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
    const source = this.source;
    if (source === null || this.#asked.has(offset)) return;
    this.#asked.add(offset);
    const epoch = this.#epoch;
    try {
      const page = await upToDate(() => rowsOf(source, offset, PAGE));
      if (epoch !== this.#epoch) return;
      const rows = new Map(this.rows);
      page.rows.forEach((row, index) => rows.set(page.offset + index, row));
      this.#keep(page.offset, page.rows.length);
      this.#learn(page);
      this.rows = rows;
      this.count = this.#lengthWith(page);
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
      const page = await upToDate(() => rowsOf(source, offset, limit));
      if (source !== this.source) return;
      this.#learn(page);
      this.#accept(page, limit);
    } catch (error) {
      notices.fail(error);
    }
  }

  /** What is known of a search beside its rows grows with them. */
  #learn(page: Page): void {
    if (this.source?.list === 'search' && page.found) searched.add(this.source.query, page.offset, page.found);
  }

  /** How long the list is, with a page more than is known where nobody counted: one comes to it by going on. */
  #lengthWith({ total, offset, rows }: Page): number {
    return total ?? Math.max(this.count, offset + rows.length + PAGE);
  }

  #accept(page: Page, limit: number): void {
    const { rows, offset } = page;
    const total = this.#lengthWith(page);
    const anchor = this.#top > 0 ? this.rows.get(this.#top) : undefined;
    const next = new Map(rows.map((row, index) => [offset + index, row]));
    const grown = total - this.count;
    this.#dropSeveral(next);
    this.#forget();
    this.#keep(offset, Math.max(limit, rows.length));
    this.rows = next;
    this.count = total;
    this.loaded = true;
    this.failure = null;
    this.#followSeveral(next);
    this.#followSelection(next, grown);
    const moved = anchor ? sameRow(next, anchor) : -1;
    if (moved >= 0 && moved !== this.#top) this.shift = { rows: moved - this.#top };
    for (const page of pagesOf(this.#view, PAGE)) void this.#fetch(page);
  }

  /** What was here and has gone is no longer selected; what is only out of sight still is. */
  #dropSeveral(next: ReadonlyMap<number, LetterRow>): void {
    if (this.several.size === 0) return;
    const here = new Set([...next.values()].map(keyOf));
    const gone = [...this.rows].filter(([index, row]) => next.has(index) && !here.has(keyOf(row)));
    const keys = new Set(gone.map(([, row]) => keyOf(row)));
    const left = [...this.several].filter(([key]) => !keys.has(key));
    if (left.length < this.several.size) this.several = new Map(left.length > 1 ? left : []);
  }

  /** Takes over what is new about those that are selected together. */
  #followSeveral(rows: ReadonlyMap<number, LetterRow>): void {
    if (this.several.size === 0) return;
    const next = new Map(this.several);
    for (const row of rows.values()) {
      if (next.has(keyOf(row))) next.set(keyOf(row), row);
    }
    this.several = next;
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
