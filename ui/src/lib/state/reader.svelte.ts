// What is open in the right pane: a letter, an outgoing with its timeline, or a sent letter with both.

import { asFailure, call, type CallFailed } from '../engine/call';
import type {
  DeliveryId,
  LetterRow,
  LetterView,
  OutgoingId,
  OutgoingOrder,
  OutgoingView,
  ReportId,
  ReportOpened,
} from '../engine/types';
import { words } from '../words';
import { conversation } from './conversation.svelte';
import { notices } from './notices.svelte';
import { upToDate } from './overtaken';
import { preferences } from './preferences.svelte';

const SETTLE = 60;
const READ_AFTER = 700;

class Reader {
  letter = $state.raw<LetterView | null>(null);
  outgoing = $state.raw<OutgoingView | null>(null);
  /** A report about the outgoing, in place of the letter. */
  report = $state.raw<ReportOpened | null>(null);
  failure = $state.raw<CallFailed | null>(null);
  /** Remote images, for this letter, this once. */
  remote = $state(false);
  /** Called when the letter has been looked at for a moment. */
  onRead: (row: LetterRow) => void = () => undefined;

  #letterId: number | null = null;
  #outgoingId: OutgoingId | null = null;
  #turn = 0;
  #settle: ReturnType<typeof setTimeout> | undefined;
  #reading: ReturnType<typeof setTimeout> | undefined;

  get isOpen(): boolean {
    return this.letter !== null || this.outgoing !== null || this.failure !== null;
  }

  get letterId(): number | null {
    return this.#letterId;
  }

  get outgoingId(): OutgoingId | null {
    return this.#outgoingId;
  }

  /** Shows a row's letter. Rows that are only passed by, with a key held down, are not fetched. */
  show(row: LetterRow): void {
    if (row.letter === this.#letterId && row.outgoing === this.#outgoingId && this.isOpen) {
      // It may have been out of sight until now.
      if (this.letter) this.#beginReading(this.letter.row);
      return;
    }
    this.#begin(row.letter, row.outgoing);
    this.#settle = setTimeout(() => void this.#load(true), SETTLE);
  }

  /** Shows an outgoing. */
  showOutgoing(id: OutgoingId): void {
    if (this.#letterId === null && id === this.#outgoingId && this.isOpen) return;
    this.#begin(null, id);
    void this.#load(true);
  }

  /** Shows a letter of which no row is known. */
  showLetter(id: number): void {
    this.#begin(id, null);
    void this.#load(true);
  }

  /** Fetches again what is shown, without touching the frame. */
  async refresh(): Promise<void> {
    if (this.#letterId !== null || this.#outgoingId !== null) await this.#load(false);
  }

  /** Takes over what the list knows of the open letter. */
  follow(row: LetterRow): void {
    if (this.letter && row.letter === this.#letterId) this.letter = { ...this.letter, row };
    this.#moveOn(row);
    if (
      this.#letterId === null &&
      row.letter !== null &&
      row.outgoing !== null &&
      row.outgoing === this.#outgoingId
    ) {
      this.#letterId = row.letter;
      void this.#load(false);
    }
  }

  /** The thread that is open has a newer letter, or lost its newest: it stays open. */
  #moveOn({ letter, thread }: LetterRow): void {
    if (letter === null || letter === this.#letterId || this.#letterId === null) return;
    if (!thread?.letters.includes(this.#letterId) && !conversation.rows.some((row) => row.letter === letter)) return;
    this.#letterId = letter;
    void this.#load(false);
  }

  /** Shows a report about the open outgoing in the frame, in place of the letter. */
  async showReport(report: ReportId): Promise<void> {
    const turn = this.#turn;
    try {
      const opened = await call('report_show', { report });
      if (turn === this.#turn) this.report = opened;
    } catch (error) {
      notices.fail(error);
    }
  }

  /** Back from the report to the letter. Tells whether one was open. */
  closeReport(): boolean {
    const open = this.report !== null;
    this.report = null;
    return open;
  }

  close(): void {
    this.#begin(null, null);
    this.#clear();
  }

  /** Gives an order for one delivery or all, and shows what became of it. */
  async order(order: OutgoingOrder, delivery: DeliveryId | null): Promise<void> {
    const id = this.#outgoingId;
    if (id === null) return;
    try {
      const view = await call('outgoing_order', { outgoing: id, delivery, order });
      if (id === this.#outgoingId) this.outgoing = view;
      notices.announce(words.delivery.ordered[order.order] ?? '');
    } catch (error) {
      notices.fail(error);
    }
  }

  #begin(letter: number | null, outgoing: OutgoingId | null): void {
    this.#turn += 1;
    this.#letterId = letter;
    this.#outgoingId = outgoing;
    this.report = null;
    clearTimeout(this.#settle);
    clearTimeout(this.#reading);
  }

  #clear(): void {
    this.letter = null;
    this.outgoing = null;
    this.failure = null;
    this.remote = false;
    conversation.clear();
  }

  async #load(fresh: boolean): Promise<void> {
    const turn = this.#turn;
    const [letter, outgoing] = [this.#letterId, this.#outgoingId];
    try {
      const [letterView, outgoingView, rows] = await upToDate(() =>
        Promise.all([
          letter === null ? null : call('letter_show', { letter }),
          outgoing === null ? null : call('outgoing_show', { outgoing }),
          letter === null || !preferences.threads ? [] : call('thread_show', { letter }),
        ]),
      );
      if (turn !== this.#turn) return;
      if (fresh) this.remote = false;
      if (!fresh) announceChanges(this.outgoing, outgoingView);
      this.letter = letterView;
      this.outgoing = outgoingView;
      this.failure = null;
      if (fresh) conversation.begin(rows ?? [], letterView);
      else conversation.follow(rows ?? []);
      if (fresh && letterView) this.#beginReading(letterView.row);
    } catch (error) {
      if (turn !== this.#turn) return;
      if (fresh) {
        this.#clear();
        this.failure = asFailure(error);
      }
    }
  }

  /** Whoever says that it is unread is not overruled by having looked at it. */
  stopReading(): void {
    clearTimeout(this.#reading);
    conversation.stopReading();
  }

  #beginReading(row: LetterRow): void {
    clearTimeout(this.#reading);
    if (conversation.isShown) return conversation.beginReading();
    if (row.unread) this.#reading = setTimeout(() => this.onRead(this.letter?.row ?? row), READ_AFTER);
  }
}

/** Says what became of a recipient while one looks at the letter. */
function announceChanges(before: OutgoingView | null, after: OutgoingView | null): void {
  const states = new Map(before?.outgoing.deliveries.map(({ id, state }) => [id, state]));
  const changed =
    after?.outgoing.deliveries.filter(({ id, state }) => states.has(id) && states.get(id) !== state) ?? [];
  if (changed.length === 0) return;
  notices.announce(
    changed.map(({ address, state }) => words.delivery.became(address, words.states[state])).join(' '),
  );
}

export const reader = new Reader();
