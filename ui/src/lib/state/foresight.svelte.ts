// What is known of the letter that is being written before it is sent: a mark on each recipient, the way to each domain,
// and the worst there is to say. All of it is a courtesy: not knowing it must not disturb the writing.

import { call } from '../engine/call';
import type { IdentityId, LetterOutlook, Outlook, RecipientMark, RouteChoice, RoutePolicy } from '../engine/types';

/** A letter as it is addressed now. */
export type Addressed = {
  account: number;
  identity: IdentityId;
  route: RoutePolicy;
  /** All of them; those that came last at the end. */
  recipients: string[];
  /** Octets of the letter as it travels. */
  size: number;
};

const MARKS_AFTER = 120;
const OUTLOOK_AFTER = 350;
/** Answers that come close together are asked for once. */
const GATHER = 80;

export class Foresight {
  choices = $state.raw<RouteChoice[]>([]);
  banner = $state.raw<Outlook | null>(null);
  /** Why direct sending is not offered for the sender. */
  noDirect = $state.raw<string | undefined>(undefined);
  /** By the addresses in small letters. */
  marks = $state.raw<ReadonlyMap<string, RecipientMark>>(new Map());

  #letter: () => Addressed | null;
  #timers: Partial<Record<'marks' | 'outlook', ReturnType<typeof setTimeout>>> = {};
  #turns = { marks: 0, outlook: 0 };

  /** `letter` gives the letter as it is, or nothing where none is being written. */
  constructor(letter: () => Addressed | null) {
    this.#letter = letter;
  }

  /** What is known of a recipient; nothing while nothing is. */
  markOf(address: string): RecipientMark | undefined {
    const mark = this.marks.get(address.toLowerCase());
    return mark?.kind === 'not-known' ? undefined : mark;
  }

  /** Recipients, sender, route or size changed. */
  lookSoon(): void {
    this.#soon('marks', MARKS_AFTER, () => this.#lookAtRecipients());
    this.#soon('outlook', OUTLOOK_AFTER, () => this.#lookAhead());
  }

  /** There is more to tell of recipients. */
  moreIsKnown(): void {
    if (this.#timers.marks === undefined && this.#letter()?.recipients.length)
      this.#soon('marks', GATHER, () => this.#lookAtRecipients());
  }

  /** This network is another one, or something else is known of it. */
  networkChanged(): void {
    if (this.#letter()?.recipients.length) this.lookSoon();
  }

  /** The letter is closed: nobody is asked for it any more. */
  forget(): void {
    clearTimeout(this.#timers.marks);
    clearTimeout(this.#timers.outlook);
    this.#timers = {};
    this.#turns = { marks: this.#turns.marks + 1, outlook: this.#turns.outlook + 1 };
    if (this.marks.size > 0)
      void call('recipient_marks', { account: null, addresses: [], size: null }).catch(() => []);
    this.choices = [];
    this.banner = null;
    this.noDirect = undefined;
    this.marks = new Map();
  }

  #soon(what: 'marks' | 'outlook', after: number, look: () => Promise<void>): void {
    clearTimeout(this.#timers[what]);
    this.#timers[what] = setTimeout(() => {
      delete this.#timers[what];
      void look();
    }, after);
  }

  async #lookAtRecipients(): Promise<void> {
    const turn = ++this.#turns.marks;
    const letter = this.#letter();
    if (!letter) return;
    const { account, recipients, size } = letter;
    const known = await call('recipient_marks', { account, addresses: recipients, size }).catch(() => null);
    if (turn === this.#turns.marks && known !== null)
      this.marks = new Map(known.map((mark) => [mark.address.toLowerCase(), mark]));
  }

  async #lookAhead(): Promise<void> {
    const turn = ++this.#turns.outlook;
    const letter = this.#letter();
    const nothing: LetterOutlook = { choices: [], banner: null };
    const known = letter ? await call('letter_outlook', letter).catch(() => nothing) : nothing;
    if (turn !== this.#turns.outlook) return;
    this.choices = known.choices;
    this.banner = known.banner;
    this.noDirect = known.no_direct;
  }
}
