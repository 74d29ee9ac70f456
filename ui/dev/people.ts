// Sample people, and what the engine says of them.

import type { Calls, ContactCard, ContactRow, ContactView, ContactWho, Dealings } from '../src/lib/engine/types';
import { ago } from './samples';

type Name = Extract<keyof Calls, `contact_${string}`>;
type Answers = { [N in Name]: (args: Calls[N]['args']) => Calls[N]['answer'] };

const dealings = (sent: number, received: number, minutes: number): Dealings => ({
  sent,
  received,
  last_sent: sent > 0 ? ago(minutes) : null,
  last_received: received > 0 ? ago(minutes * 2) : null,
});

const row = (
  contact: number | null,
  name: string,
  addresses: string[],
  passed: Dealings,
  organisation = '',
): ContactRow => ({ contact, name, organisation, addresses, dealings: passed });

const known: ContactRow[] = [
  row(1, 'Anna Bergström', ['anna@example.org', 'anna.bergstrom@work.example'], dealings(41, 57, 300), 'Stadtarchiv'),
  row(null, 'Ben Okafor', ['ben.okafor@example.net'], dealings(3, 9, 4000)),
  row(2, 'ليلى حداد', ['layla@example.com'], dealings(12, 8, 90_000)),
  row(null, '山田 花子', ['hanako@example.jp'], dealings(0, 4, 500_000)),
  row(
    3,
    'Friends of the Municipal Library and its Reading Room, Committee',
    ['the-committee-for-the-restoration-of-the-reading-room@friends-of-the-municipal-library.example'],
    dealings(1, 0, 60),
    'Friends of the Municipal Library, registered association',
  ),
  row(null, '', ['no-reply@parcels.example'], dealings(0, 130, 20)),
  row(4, 'Jonas', ['jonas@example.org'], dealings(0, 0, 0)),
];

/** Answers of a program that knows these people, or nobody. */
export function peopleAnswers(empty: boolean): Answers {
  let rows = empty ? [] : known;
  let next = 100;
  const words = ({ name, addresses }: ContactRow) =>
    [...name.split(/[\s,]+/), ...addresses, ...addresses.flatMap((address) => address.split(/[@.]/))].map((word) =>
      word.toLowerCase(),
    );
  const fits = (one: ContactRow, typed: string) =>
    typed
      .toLowerCase()
      .split(/\s+/)
      .every((part) => words(one).some((word) => word.startsWith(part)));
  const find = (who: ContactWho) =>
    rows.find((one) => (who.who === 'kept' ? one.contact === who.contact : one.addresses[0] === who.address))!;
  const cardOf = ({ name, organisation, addresses, contact }: ContactRow): ContactCard => ({
    name,
    organisation,
    note: contact === 1 ? 'Has the key of the reading room.' : '',
    addresses,
    extra: contact === 1 ? 'TEL;TYPE=work:+49 30 5550 1234\nBDAY:19710304' : '',
  });
  const view = (one: ContactRow): ContactView => ({
    contact: one.contact,
    card: cardOf(one),
    dealings: one.addresses.map((_, at) => (at === 0 ? one.dealings : dealings(0, 0, 0))),
    changed_at: one.contact === null ? null : ago(9000),
  });
  const without = (gone: ContactRow[]) => rows.filter((one) => !gone.includes(one));
  return {
    contact_complete: ({ typed, without, limit }) =>
      rows
        .filter((one) => fits(one, typed))
        .flatMap(({ name, addresses, contact }) =>
          addresses.map((address) => ({ name, address, kept: contact !== null })),
        )
        .filter(({ address }) => !without.includes(address))
        .slice(0, limit),
    contact_list: ({ query, kept, offset, limit }) => {
      const found = rows.filter((one) => fits(one, query.trim()) && (!kept || one.contact !== null));
      return { total: found.length, offset, rows: found.slice(offset, offset + limit) };
    },
    contact_show: (who) => view(find(who)),
    contact_save: ({ contact, card }) => {
      if (!card.addresses.some((address) => address.includes('@')))
        throw {
          code: 'invalid',
          message: 'a contact needs a name or an address',
          hint: 'Write at least one of them.',
        };
      const before = rows.find((one) => one.contact === contact);
      const addresses = card.addresses.filter((address) => address !== '');
      const kept = row(contact ?? next++, card.name, addresses, dealings(0, 0, 0), card.organisation);
      rows = [kept, ...without(before ? [before] : [])];
      return view(kept);
    },
    contact_merge: ({ who }) => {
      const all = who.map(find);
      const [first] = all;
      const one = { ...first!, contact: first!.contact ?? next++, addresses: all.flatMap((each) => each.addresses) };
      rows = [one, ...without(all)];
      return view(one);
    },
    contact_remove: (who) => {
      rows = without([find(who)]);
      return null;
    },
    contact_import: () => ({ added: 12, completed: 2, unchanged: 1 }),
    contact_export: () => rows.filter(({ contact }) => contact !== null).length,
  };
}
