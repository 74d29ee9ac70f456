// What is known of who sent a letter, and of the list it came by; asked for once a letter, while it is looked at.

import { call } from '../engine/call';
import { openLink } from '../engine/shell';
import type { LeaveWay, LetterId, ListView, SenderView } from '../engine/types';
import { words } from '../words';
import { attempt, notices } from './notices.svelte';

/** Letters that are remembered. */
const KEPT = 300;

class Senders {
  /** `null`: has no mark. */
  verdicts = $state.raw<ReadonlyMap<LetterId, SenderView | null>>(new Map());
  lists = $state.raw<ReadonlyMap<LetterId, ListView | null>>(new Map());
  /** The list that is about to be left. */
  leaving = $state.raw<{ letter: LetterId; name: string; way: LeaveWay } | null>(null);
  busy = $state(false);
  #asked = new Set<LetterId>();

  /** Asks about a letter that is shown. What fails is no mark, and is asked for again another time. */
  ask(letter: LetterId): void {
    if (this.#asked.has(letter)) return;
    if (this.#asked.size >= KEPT) this.#forget();
    this.#asked.add(letter);
    void this.#fetch(letter);
  }

  async #fetch(letter: LetterId): Promise<void> {
    try {
      const list = await call('list_show', { letter });
      this.lists = new Map([...this.lists, [letter, list ?? null]]);
      const verdict = await call('letter_authenticity', { letter });
      this.verdicts = new Map([...this.verdicts, [letter, verdict ?? null]]);
    } catch {
      this.#asked.delete(letter);
    }
  }

  /** Has the signature of a letter checked, which asks its signer’s DNS. */
  async check(letter: LetterId): Promise<void> {
    await attempt(async () => {
      const verdict = await call('letter_check', { letter });
      this.verdicts = new Map([...this.verdicts, [letter, verdict ?? null]]);
    });
  }

  #forget(): void {
    this.#asked.clear();
    this.verdicts = new Map();
    this.lists = new Map();
  }

  /** Asks whether to leave a list, and how. */
  askToLeave(letter: LetterId): void {
    const list = this.lists.get(letter);
    if (list?.way) this.leaving = { letter, name: list.name, way: list.way };
  }

  cancel(): void {
    this.leaving = null;
  }

  /** Leaves it in the way that was shown. */
  async leave(): Promise<void> {
    const { leaving } = this;
    if (!leaving || this.busy) return;
    this.busy = true;
    try {
      const left = await call('list_leave', { letter: leaving.letter, way: leaving.way });
      if (left.left === 'otherwise') {
        this.leaving = left.way === null ? null : { ...leaving, way: left.way };
        notices.say(left.way === null ? words.reading.leaveNoWay : words.reading.leaveOtherwise);
        return;
      }
      if (leaving.way.way === 'page') await openLink(leaving.way.url);
      else notices.say(left.left === 'written' ? words.reading.leaveWritten : words.reading.leaveAsked);
      this.leaving = null;
      await this.#listAgain(leaving.letter);
    } catch (error) {
      this.leaving = null;
      notices.fail(error);
    } finally {
      this.busy = false;
    }
  }

  async #listAgain(letter: LetterId): Promise<void> {
    const list = await call('list_show', { letter });
    this.lists = new Map([...this.lists, [letter, list ?? null]]);
  }
}

export const senders = new Senders();
