// What the window says by itself: errors with what to do about them, and short confirmations for the live region.

import { asFailure } from '../engine/call';

/** A message in the corner. */
export type Notice = { id: number; error: boolean; message: string; hint: string; offer: Offer | null };

/** Something that can be done about it. */
export type Offer = { label: string; act: () => void };

const ERROR_STAYS = 15_000;
const WORD_STAYS = 4_000;

class Notices {
  list = $state<Notice[]>([]);
  /** The last thing to be read out. */
  spoken = $state('');
  #next = 1;

  /** Shows that something went wrong. */
  fail(error: unknown): void {
    const { message, hint } = asFailure(error);
    this.#add({ error: true, message, hint, offer: null }, ERROR_STAYS);
  }

  /** Shows a short confirmation, or word of something that can be acted on; that one stays longer. */
  say(message: string, hint = '', offer: Offer | null = null): void {
    this.#add({ error: false, message, hint, offer }, offer ? ERROR_STAYS : WORD_STAYS);
  }

  /** Has something read out that is visible elsewhere. */
  announce(message: string): void {
    this.spoken = message;
  }

  dismiss(id: number): void {
    this.list = this.list.filter((notice) => notice.id !== id);
  }

  #add(notice: Omit<Notice, 'id'>, stays: number): void {
    const id = this.#next++;
    const others = this.list.filter(({ message, error }) => message !== notice.message && (error || notice.error));
    this.list = [...others.slice(-2), { id, ...notice }];
    setTimeout(() => this.dismiss(id), stays);
  }
}

export const notices = new Notices();

/** Runs something and shows what went wrong. */
export async function attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    notices.fail(error);
    return undefined;
  }
}
