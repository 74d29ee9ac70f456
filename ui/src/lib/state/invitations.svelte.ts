// Invitations in letters, asked for once a letter, while it is looked at.

import { call } from '../engine/call';
import type { Invitation, LetterId } from '../engine/types';

/** Letters that are remembered. */
const KEPT = 300;

class Invitations {
  /** Of those letters that have one. */
  found = $state.raw<ReadonlyMap<LetterId, Invitation>>(new Map());
  #asked = new Set<LetterId>();

  /** Asks about a letter that is here. What fails is none, and is asked for again another time. */
  async ask(letter: LetterId): Promise<void> {
    if (this.#asked.has(letter)) return;
    if (this.#asked.size >= KEPT) this.#forget();
    this.#asked.add(letter);
    try {
      const invitation = await call('invitation_show', { letter });
      if (invitation) this.found = new Map([...this.found, [letter, invitation]]);
    } catch {
      this.#asked.delete(letter);
    }
  }

  #forget(): void {
    this.#asked.clear();
    this.found = new Map();
  }
}

export const invitations = new Invitations();
