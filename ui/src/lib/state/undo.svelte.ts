// What can be taken back, and for how long. Each kind of thing has one bar: what is done to letters does not take away
// the chance to hold back what was just sent.

import { notices } from './notices.svelte';

/** Something that can be taken back. */
export type Offer = {
  kind: 'sent' | 'changed';
  /** What was done. */
  said: string;
  until: Date;
  /** Whether something happens when the time is over, so that the seconds count. */
  counts: boolean;
  take: () => Promise<void>;
};

class Undo {
  /** The latest last. */
  offers = $state.raw<Offer[]>([]);

  /** Offers to take something back, in place of what was offered before of its kind. */
  offer(offer: Offer): void {
    this.offers = [...this.offers.filter(({ kind }) => kind !== offer.kind), offer];
    setTimeout(() => this.withdraw(offer), offer.until.getTime() - Date.now());
  }

  withdraw(offer: Offer): void {
    this.offers = this.offers.filter((other) => other !== offer);
  }

  /** Takes it back; the latest, where nothing else is said. Tells whether there was something. */
  take(offer = this.offers.at(-1)): boolean {
    if (!offer) return false;
    this.withdraw(offer);
    offer.take().catch((error: unknown) => notices.fail(error));
    return true;
  }
}

export const undo = new Undo();
