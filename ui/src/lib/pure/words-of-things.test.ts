import { describe, expect, it } from 'vitest';
import { after, letterRow, NOW, outgoingRow } from '../../../test/samples';
import type { Mailbox, SidebarAccount } from '../engine/types';
import { commandOf } from './keys';
import { linkParts } from './links';
import { routeShown } from './routes';
import { draftSnippet, initials, letterLabel, outgoingLabel, outgoingTime } from './rows';
import { listName, sidebarAccounts, syncLine } from './sidebar';
import { kind, size } from './sizes';

describe('a key', () => {
  const press = (key: string, more = {}) =>
    commandOf({
      key,
      ctrl: false,
      alt: false,
      shift: false,
      repeat: false,
      typing: false,
      onControl: false,
      ...more,
    });

  it('means a command where nobody types', () => {
    expect(['j', 'ArrowUp', 'e', '#', 'Delete', 'c', 'Enter'].map((key) => press(key))).toEqual([
      'next',
      'previous',
      'archive',
      'trash',
      'trash',
      'compose',
      'open',
    ]);
  });

  it('is text in a field, except Esc and Ctrl+Enter', () => {
    expect(press('e', { typing: true })).toBe(null);
    expect(press('Escape', { typing: true })).toBe('back');
    expect(press('a', { typing: true, ctrl: true })).toBe(null);
    expect(press('Enter', { typing: true, ctrl: true })).toBe('send');
  });

  it('selects several with Shift or Ctrl', () => {
    expect(press('ArrowDown', { shift: true, repeat: true })).toBe('extend-next');
    expect(press('K', { shift: true })).toBe('extend-previous');
    expect(press('a', { ctrl: true })).toBe('select-all');
  });

  it('that is held down moves, and does nothing else', () => {
    expect(['j', 'ArrowUp', 'e', '#', 'c'].map((key) => press(key, { repeat: true }))).toEqual([
      'next',
      'previous',
      null,
      null,
      null,
    ]);
  });

  it('belongs to the button that has the focus, or to the system', () => {
    expect(press('Enter', { onControl: true })).toBe(null);
    expect(press('c', { ctrl: true })).toBe(null);
    expect(press('f', { alt: true })).toBe(null);
  });
});

describe('a row', () => {
  it('is read out in one line', () => {
    const mark = { state: 'deferred', total: 1, taken: 0, refused: 0, open: 1 } as const;
    expect(letterLabel(letterRow(1, { unread: true, attachments: 2, mark }), false, NOW)).toBe(
      'Unread, Anna, Minutes, 14:27, 2 attachments, Deferred',
    );
    expect(letterLabel(undefined, false, NOW)).toBe('Loading');
  });

  it('of the outbox says what it waits for and how long', () => {
    const on = { now: NOW, paused: false };
    const row = outgoingRow({ title: 'example.org asks us to come back', next_attempt_at: after(185) });
    expect(outgoingLabel(row, on)).toBe(
      'Deferred, To anna@example.org, Invitation, example.org asks us to come back, next try 14:32 (in 3:05)',
    );
    expect(outgoingTime(row, on).shown).toBe('in 3:05');
    expect(outgoingTime(outgoingRow(), on).shown).toBe('14:27');
    expect(outgoingTime(row, { ...on, paused: true }).shown).toBe('14:27');
    expect(outgoingLabel({ ...row, late: true }, on)).toContain(', Late, ');
  });

  it('of a draft shows its first words without markup', () => {
    const draft = { draft: { html: '<p>Dear&nbsp;Anna,</p><p>a &lt; b</p>' } } as Parameters<typeof draftSnippet>[0];
    expect(draftSnippet(draft)).toBe('Dear Anna, a < b');
  });

  it.each([
    ['Anna Bergström', 'AB'],
    ['anna@example.org', 'A'],
    ['山田 花子', '山花'],
    ['', '?'],
  ])('of %s has the initials %s', (name, letters) => {
    expect(initials(name)).toBe(letters);
  });
});

describe('the side bar', () => {
  const mailbox = (id: number, path: string, role: Mailbox['role'] = null): Mailbox => ({
    id,
    account: 1,
    path,
    name: path.split('/').at(-1) ?? path,
    separator: '/',
    role,
    selectable: true,
    subscribed: true,
    total: 0,
    unread: 0,
  });
  const account = (sync: SidebarAccount['sync'], mailboxes: Mailbox[] = []): SidebarAccount => ({
    id: 1,
    address: 'robin@example.org',
    practice: false,
    mailboxes,
    sync,
  });

  it('lists roles first and folders as a tree', () => {
    const boxes = [
      mailbox(1, 'Work/Old'),
      mailbox(2, 'Sent', 'sent'),
      mailbox(3, 'Work'),
      mailbox(4, 'INBOX', 'inbox'),
    ];
    const [group] = sidebarAccounts([account({ sync: 'up-to-date' }, boxes)]);
    expect(group?.entries.map(({ name, depth }) => [name, depth])).toEqual([
      ['Inbox', 0],
      ['Sent', 0],
      ['Work', 0],
      ['Old', 1],
    ]);
    expect(listName({ list: 'mailbox', mailbox: 4 }, boxes)).toBe('Inbox');
  });

  it('says first what needs a person', () => {
    const busy = account({ sync: 'syncing', mailbox: 'INBOX', done: 3, total: 9, seconds_left: null });
    const slow = account({ sync: 'syncing', mailbox: 'INBOX', done: 3, total: 9, seconds_left: 600 });
    const refused = account({ sync: 'login-refused', reason: 'no' });
    expect(syncLine([busy, refused])).toMatchObject({
      text: 'Login refused for robin@example.org',
      wants: 'password',
    });
    expect(syncLine([busy, refused], () => true)).toMatchObject({
      text: 'The sign-in of robin@example.org has ended',
      wants: 'sign-in',
    });
    expect(syncLine([account({ sync: 'up-to-date' }), busy]).text).toBe('Fetching INBOX, 3 of 9');
    expect(syncLine([slow]).text).toBe('Fetching INBOX, 3 of 9, 10 min left');
    expect(syncLine([account({ sync: 'offline', reason: 'no network' }), busy]).text).toBe('Offline: no network');
    expect(syncLine([account({ sync: 'up-to-date' })]).text).toBe('Up to date');
    expect(syncLine([]).text).toBe('No account yet');
  });
});

it('the route control says what auto would choose', () => {
  const choice = (domain: string, route: string) => ({ domain, route, reason: '' });
  expect(routeShown('auto', [])).toBe('Auto');
  expect(routeShown('auto', [choice('a.test', 'direct'), choice('b.test', 'direct')])).toBe('Auto · direct');
  expect(routeShown('auto', [choice('a.test', 'direct'), choice('b.test', 'Post')])).toBe('Auto · direct, Post');
  expect(routeShown('direct', [])).toBe('Direct');
  expect(routeShown('Post', [])).toBe('Post');
});

it.each([
  ['https://example.org/a?b', { before: 'https://', host: 'example.org', after: '/a?b' }],
  ['https://bank.example@evil.example/x', { before: 'https://bank.example@', host: 'evil.example', after: '/x' }],
  ['nonsense', { before: '', host: 'nonsense', after: '' }],
])('the host of %s stands out', (url, parts) => {
  expect(linkParts(url)).toEqual(parts);
});

it.each([
  [1, '1 byte'],
  [812, '812 bytes'],
  [14_000, '14 KB'],
  [3_240_000, '3.2 MB'],
  [25_000_000, '25 MB'],
  [1_500_000_000, '1.5 GB'],
])('%s octets are %s', (octets, shown) => {
  expect(size(octets)).toBe(shown);
});

it('a file shows its kind', () => {
  expect(kind('minutes.pdf', 'application/octet-stream')).toBe('PDF');
  expect(kind('minutes', 'image/png; name=x')).toBe('PNG');
});
