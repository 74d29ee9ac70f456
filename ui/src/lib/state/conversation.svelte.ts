// The conversation that the opened letter belongs to. Which of its letters are open is kept while mail arrives.

import { call } from '../engine/call';
import type { LetterId, LetterRow, LetterView } from '../engine/types';
import { openAtFirst } from '../pure/threads';
import { notices } from './notices.svelte';
import { upToDate } from './overtaken';

const READ_AFTER = 700;

class Conversation {
  /** Oldest first. Empty, or of one letter, where there is no conversation. */
  rows = $state.raw<LetterRow[]>([]);
  /** The letters that are open and here. */
  views = $state.raw<ReadonlyMap<LetterId, LetterView>>(new Map());
  open = $state.raw<ReadonlySet<LetterId>>(new Set());
  /** The letter that is answered with a key. */
  current = $state<LetterId | null>(null);
  /** Remote images, for these letters, this once. */
  remote = $state.raw<ReadonlySet<LetterId>>(new Set());
  /** Called with what has been looked at for a moment. */
  onRead: (rows: LetterRow[]) => void = () => undefined;

  #turn = 0;
  #reading: ReturnType<typeof setTimeout> | undefined;

  get isShown(): boolean {
    return this.rows.length > 1;
  }

  get currentRow(): LetterRow | undefined {
    return this.rows.find(({ letter }) => letter === this.current);
  }

  clear(): void {
    this.#turn += 1;
    clearTimeout(this.#reading);
    this.rows = [];
    this.views = new Map();
    this.open = new Set();
    this.remote = new Set();
    this.current = null;
  }

  /** Opens on these letters: the newest and the unread, and the one that was asked for. */
  begin(rows: LetterRow[], asked: LetterView | null): void {
    this.clear();
    this.rows = rows;
    const letter = asked?.row.letter ?? null;
    this.open = new Set([...openAtFirst(rows), ...(letter === null ? [] : [letter])]);
    this.current = rows.findLast((row) => row.letter !== null && this.open.has(row.letter))?.letter ?? letter;
    if (asked && letter !== null) this.views = new Map([[letter, asked]]);
    this.#fetchOpen();
    this.beginReading();
  }

  /** Takes over what is new. What is open stays open; what came and was not read opens as well. */
  follow(rows: LetterRow[]): void {
    const known = new Set(this.rows.map(({ letter }) => letter));
    const came = rows.filter(({ letter, unread }) => unread && letter !== null && !known.has(letter));
    const here = new Set(rows.map(({ letter }) => letter));
    this.rows = rows;
    this.open = new Set([...this.open, ...came.map(({ letter }) => letter!)].filter((letter) => here.has(letter)));
    if (!here.has(this.current)) this.current = rows.at(-1)?.letter ?? null;
    this.views = new Map(
      [...this.views].flatMap(([id, view]) => {
        const row = rows.find(({ letter }) => letter === id);
        return row ? [[id, { ...view, row }] as const] : [];
      }),
    );
    this.#fetchOpen();
    if (came.length > 0) this.beginReading();
  }

  /** Unfolds a letter, or folds it again. */
  toggle(id: LetterId): void {
    const open = new Set(this.open);
    if (!open.delete(id)) {
      open.add(id);
      this.current = id;
    }
    this.open = open;
    this.#fetchOpen();
    this.beginReading();
  }

  /** To the letter before or after; it opens. Tells which one that is. */
  step(by: number): LetterId | null {
    const at = this.rows.findIndex(({ letter }) => letter === this.current);
    const next = this.rows[Math.min(Math.max(at + by, 0), this.rows.length - 1)]?.letter ?? null;
    if (next === null) return null;
    this.current = next;
    if (!this.open.has(next)) this.toggle(next);
    return next;
  }

  /** Unfolds all, or folds all but the newest. */
  unfoldAll(on: boolean): void {
    const all = this.rows.flatMap(({ letter }) => (letter === null ? [] : [letter]));
    this.open = new Set(on ? all : all.slice(-1));
    if (!on) this.current = all.at(-1) ?? null;
    this.#fetchOpen();
    if (on) this.beginReading();
  }

  showRemote(id: LetterId): void {
    this.remote = new Set([...this.remote, id]);
  }

  /** A change that the list foresees. */
  foresee(ids: ReadonlySet<LetterId>, changed: (row: LetterRow) => LetterRow): void {
    if (!this.rows.some(({ letter }) => letter !== null && ids.has(letter))) return;
    this.rows = this.rows.map((row) => (row.letter !== null && ids.has(row.letter) ? changed(row) : row));
    this.views = new Map(
      [...this.views].map(([id, view]) => [id, ids.has(id) ? { ...view, row: changed(view.row) } : view] as const),
    );
  }

  /** What is open and unread has been read once it has been open for a moment. */
  beginReading(): void {
    clearTimeout(this.#reading);
    this.#reading = setTimeout(() => {
      const seen = this.rows.filter(({ letter, unread }) => unread && letter !== null && this.open.has(letter));
      if (seen.length > 0) this.onRead(seen);
    }, READ_AFTER);
  }

  /** Whoever says that it is unread is not overruled by having looked at it. */
  stopReading(): void {
    clearTimeout(this.#reading);
  }

  #fetchOpen(): void {
    for (const id of this.open) {
      const view = this.views.get(id);
      if (!view || view.document === null) void this.#fetch(id);
    }
  }

  async #fetch(letter: LetterId): Promise<void> {
    const turn = this.#turn;
    try {
      const view = await upToDate(() => call('letter_show', { letter }));
      if (turn === this.#turn) this.views = new Map([...this.views, [letter, view]]);
    } catch (error) {
      if (turn === this.#turn) notices.fail(error);
    }
  }
}

export const conversation = new Conversation();
