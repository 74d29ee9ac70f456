// The people: a list that is searched, and the one that is open.

import { asFailure, call, type CallFailed } from '../engine/call';
import { chooseFiles, chooseTarget } from '../engine/shell';
import type { ContactCard, ContactRow, ContactView, ContactWho } from '../engine/types';
import { words } from '../words';
import { attempt, notices } from './notices.svelte';

const PAGE = 200;
const EMPTY: ContactCard = { name: '', organisation: '', note: '', addresses: [], extra: '' };

/** Who a row is. */
export function whoIs(row: Pick<ContactRow, 'contact' | 'addresses'>): ContactWho {
  return row.contact === null
    ? { who: 'learned', address: row.addresses[0] ?? '' }
    : { who: 'kept', contact: row.contact };
}

/** What a row is called. */
export function nameOf({ name, addresses }: { name: string; addresses: string[] }): string {
  return name || (addresses[0] ?? '');
}

/** What tells rows apart. */
export function keyOf(row: Pick<ContactRow, 'contact' | 'addresses'>): string {
  return row.contact === null ? `@${row.addresses[0] ?? ''}` : `${row.contact}`;
}

class Contacts {
  query = $state('');
  kept = $state(false);
  total = $state(0);
  rows = $state.raw<ContactRow[]>([]);
  loaded = $state(false);
  failure = $state.raw<CallFailed | null>(null);
  chosen = $state.raw<ReadonlyMap<string, ContactRow>>(new Map());
  open = $state.raw<ContactView | null>(null);
  /** What went wrong with the one that is open. */
  problem = $state.raw<CallFailed | null>(null);
  #turn = 0;

  async fetch(rows = PAGE): Promise<void> {
    const turn = ++this.#turn;
    const { query, kept } = this;
    try {
      const found: ContactRow[] = [];
      let total = 0;
      do {
        const page = await call('contact_list', { query, kept, offset: found.length, limit: PAGE });
        if (turn !== this.#turn) return;
        total = page.total;
        found.push(...page.rows);
        if (page.rows.length === 0) break;
      } while (found.length < Math.min(rows, total));
      this.rows = found;
      this.total = total;
      this.loaded = true;
      this.failure = null;
    } catch (error) {
      if (turn === this.#turn) this.failure = asFailure(error);
    }
  }

  more(): Promise<void> {
    return this.fetch(this.rows.length + PAGE);
  }

  refresh(): Promise<void> {
    return this.fetch(Math.max(PAGE, this.rows.length));
  }

  choose(row: ContactRow, on: boolean): void {
    const chosen = new Map(this.chosen);
    if (on) chosen.set(keyOf(row), row);
    else chosen.delete(keyOf(row));
    this.chosen = chosen;
  }

  add(): void {
    this.problem = null;
    this.open = { contact: null, card: { ...EMPTY, addresses: [] }, dealings: [], changed_at: null };
  }

  async show(row: ContactRow): Promise<void> {
    this.problem = null;
    await attempt(async () => {
      this.open = await call('contact_show', whoIs(row));
    });
  }

  async save(card: ContactCard): Promise<void> {
    const { open } = this;
    if (open === null) return;
    try {
      const view = await call('contact_save', { contact: open.contact, card });
      this.open = null;
      notices.say(words.contacts.saved(nameOf(view.card)));
      await this.refresh();
    } catch (error) {
      this.problem = asFailure(error);
    }
  }

  /** Somebody who is kept is removed; an address that was learned is not suggested any more. */
  async remove(view: ContactView): Promise<void> {
    await attempt(async () => {
      const [address = ''] = view.card.addresses;
      await call('contact_remove', whoIs({ contact: view.contact, addresses: view.card.addresses }));
      if (view.contact === null) notices.say(words.contacts.forgotten(address));
      this.open = null;
      await this.refresh();
    });
  }

  async merge(): Promise<void> {
    await attempt(async () => {
      // Whoever is kept comes first: theirs is the name that stays.
      const rows = [...this.chosen.values()].sort((a, b) => Number(a.contact === null) - Number(b.contact === null));
      const view = await call('contact_merge', { who: rows.map(whoIs) });
      this.chosen = new Map();
      notices.say(words.contacts.merged(nameOf(view.card)));
      await this.refresh();
    });
  }

  async importCards(): Promise<void> {
    await attempt(async () => {
      const [path] = await chooseFiles(words.contacts.importTitle);
      if (path === undefined) return;
      const { added, completed, unchanged } = await call('contact_import', { path });
      notices.say(words.contacts.imported(added, completed, unchanged));
      await this.refresh();
    });
  }

  async exportCards(): Promise<void> {
    await attempt(async () => {
      const path = await chooseTarget(words.contacts.exportTitle, words.contacts.exportName);
      if (path === null) return;
      notices.say(words.contacts.exported(await call('contact_export', { path, contacts: [] })));
    });
  }
}

export const contacts = new Contacts();
