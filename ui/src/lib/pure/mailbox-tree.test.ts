import { describe, expect, it } from 'vitest';
import type { Mailbox } from '../engine/types';
import { leftOut, targets, treeOf, unreadOf } from './mailbox-tree';
import { sidebarAccounts } from './sidebar';

let next = 1;

function mailbox(path: string, more: Partial<Mailbox> = {}): Mailbox {
  const name = path.split('/').at(-1) ?? path;
  const plain = { role: null, selectable: true, subscribed: true, total: 0, unread: 0, separator: '/' };
  return { id: next++, account: 1, path, name, ...plain, ...more };
}

function entriesOf(mailboxes: Mailbox[]) {
  const [group] = sidebarAccounts([
    { id: 1, address: 'a@example.org', practice: false, sync: { sync: 'up-to-date' }, mailboxes },
  ]);
  return group?.entries ?? [];
}

describe('the tree of mailboxes', () => {
  it('hides what is inside a collapsed mailbox, and counts it there', () => {
    const home = mailbox('Home', { unread: 1 });
    const inside = mailbox('Home/Bücher', { unread: 2 });
    const entries = entriesOf([home, inside, mailbox('Homework', { unread: 4 })]);
    expect(treeOf(entries, new Set()).map(({ name }) => name)).toEqual(['Home', 'Bücher', 'Homework']);
    const shut = treeOf(entries, new Set([home.id]));
    expect(shut.map(({ name, parent, open }) => [name, parent, open])).toEqual([
      ['Home', true, false],
      ['Homework', false, true],
    ]);
    expect(shut.map((entry) => unreadOf(entry, entries))).toEqual([3, 4]);
  });

  it('leaves out what is not subscribed to, unless nothing is', () => {
    const shown = mailbox('Shown');
    const out = mailbox('Out', { subscribed: false });
    const around = mailbox('Around', { subscribed: false });
    const all = [mailbox('INBOX', { role: 'inbox', subscribed: false }), shown, out, around, mailbox('Around/in')];
    expect([...leftOut(all)]).toEqual([out.id]);
    expect([...leftOut([mailbox('A', { subscribed: false }), mailbox('B', { subscribed: false })])]).toEqual([]);
  });
});

describe('the mailboxes to move to', () => {
  it('begin with what is typed, then have it, whatever the accents', () => {
    const all = [
      mailbox('INBOX', { role: 'inbox' }),
      mailbox('Home/Bücher'),
      mailbox('Kochbücher'),
      mailbox('Buch'),
      mailbox('Only around', { selectable: false }),
    ];
    expect(targets(all, 'buch').map(({ path }) => path)).toEqual(['Home/Bücher', 'Buch', 'Kochbücher']);
    expect(targets(all, 'home').map(({ path }) => path)).toEqual(['Home/Bücher']);
    expect(targets(all, '').length).toBe(4);
  });
});
