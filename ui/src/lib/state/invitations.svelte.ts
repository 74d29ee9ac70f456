// Invitations in letters, asked for once a letter, while it is looked at.

import { call } from '../engine/call';
import type { Invitation } from '../engine/types';
import type { Holder } from './attachments.svelte';

/** Letters that are remembered. */
const KEPT = 300;

class Invitations {
  /** Of those letters that have one. */
  #found = $state.raw<ReadonlyMap<string, Invitation>>(new Map());
  #asked = new Set<string>();

  /** The invitation of a letter, if it is known to have one. */
  of(holder: Holder): Invitation | undefined {
    return this.#found.get(keyOf(holder));
  }

  /** Asks about a letter that is here. What fails is none, and is asked for again another time. */
  async ask(holder: Holder): Promise<void> {
    const key = keyOf(holder);
    if (this.#asked.has(key)) return;
    if (this.#asked.size >= KEPT) this.#forget();
    this.#asked.add(key);
    try {
      const invitation = await call('invitation_show', holder);
      if (invitation) this.#found = new Map([...this.#found, [key, invitation]]);
    } catch {
      this.#asked.delete(key);
    }
  }

  #forget(): void {
    this.#asked.clear();
    this.#found = new Map();
  }
}

/** An attached letter has a name of its own. */
function keyOf({ letter, within }: Holder): string {
  return [letter, ...within].join('/');
}

export const invitations = new Invitations();
