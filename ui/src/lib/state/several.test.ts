import { mockIPC } from '@tauri-apps/api/mocks';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { letterRow, sidebar } from '../../../test/samples';
import type { LetterChangeArgs, LetterRow, ListArgs } from '../engine/types';
import { run } from './commands';
import { desk } from './desk.svelte';
import { letters } from './letters.svelte';
import { offerSent } from './offers';
import { reader } from './reader.svelte';
import { session } from './session.svelte';
import { undo } from './undo.svelte';

const INBOX = 1;
const ARCHIVE = 4;
let store: LetterRow[] = [];
let changes: LetterChangeArgs[] = [];
let refusing = false;

function changed(args: LetterChangeArgs): null {
  if (refusing) throw { code: 'invalid', message: 'There is no archive.', hint: 'Make one.' };
  changes.push(args);
  const to = args.change.change === 'move' ? args.change.mailbox : ARCHIVE;
  if (args.change.change === 'file' || args.change.change === 'move') {
    store = store.map((row) => (args.letters.includes(row.letter ?? 0) ? { ...row, mailbox: to } : row));
  }
  return null;
}

beforeEach(async () => {
  vi.useFakeTimers();
  undo.offers = [];
  changes = [];
  refusing = false;
  store = Array.from({ length: 20 }, (_, index) => letterRow(1000 + index, { mailbox: INBOX }));
  mockIPC((_, payload) => {
    const { name, args } = payload as { name: string; args: ListArgs & LetterChangeArgs };
    if (name === 'letter_change') return changed(args);
    if (name !== 'letter_list') return null;
    const rows = store.filter((row) => row.mailbox === INBOX);
    return { total: rows.length, offset: args.offset, rows: rows.slice(args.offset, args.offset + args.limit) };
  });
  session.stage = 'ready';
  session.sidebar = sidebar([
    [INBOX, 'inbox'],
    [ARCHIVE, 'archive'],
    [6, 'trash'],
  ]);
  await desk.go({ at: 'letters', source: { list: 'role', role: 'inbox' } });
});

const selected = () => desk.several.map(({ letter }) => letter);

async function later(milliseconds = 500): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds);
}

describe('several letters', () => {
  it('are selected from where one began, and fewer again when one comes back', () => {
    desk.choose(3);
    run('extend-next');
    run('extend-next');
    expect(selected()).toEqual([1003, 1004, 1005]);
    run('extend-previous');
    run('extend-previous');
    expect(selected()).toEqual([]);
    run('extend-previous');
    expect(selected()).toEqual([1002, 1003]);
    desk.extendTo(5);
    expect(selected()).toEqual([1003, 1004, 1005]);
  });

  it('are taken in and out one by one, down to one that opens', async () => {
    desk.choose(3);
    desk.toggle(7);
    desk.toggle(1);
    expect(selected()).toEqual([1003, 1007, 1001]);
    desk.toggle(3);
    desk.toggle(1);
    expect(selected()).toEqual([]);
    expect(letters.selected?.letter).toBe(1007);
    expect(reader.letterId).toBe(1007);
  });

  it('are all that are here with Ctrl+A, and one again with Esc', () => {
    desk.choose(2);
    run('select-all');
    expect(selected()).toHaveLength(20);
    run('back');
    expect(selected()).toEqual([]);
    expect(letters.selectedIndex).toBe(2);
  });

  it('are archived together, and the list goes on to the next one', async () => {
    desk.choose(3);
    desk.extendTo(5);
    run('archive');
    expect(letters.count).toBe(17);
    expect(letters.selected?.letter).toBe(1006);
    await later();
    expect(changes).toEqual([{ letters: [1003, 1004, 1005], change: { change: 'file', role: 'archive' } }]);
  });

  it('are marked as read where one was not, else as unread, and stay selected', () => {
    store[4] = letterRow(1004, { unread: true });
    desk.choose(3);
    desk.extendTo(5);
    run('unread');
    run('flag');
    expect(desk.several.every(({ flagged }) => flagged)).toBe(true);
    run('flag');
    expect(changes.map(({ change }) => change)).toMatchObject([{ on: false }, { on: true }, { on: false }]);
  });

  it('that have gone elsewhere are no longer selected', async () => {
    desk.choose(3);
    desk.extendTo(5);
    store[4] = letterRow(1004, { mailbox: ARCHIVE });
    await Promise.all([letters.refresh(), later()]);
    expect(selected()).toEqual([1003, 1005]);
  });
});

describe('letters that were moved', () => {
  it('can be taken back to where they were, and are shown again', async () => {
    desk.choose(3);
    desk.extendTo(5);
    run('archive');
    await later();
    expect(undo.offers.map(({ said }) => said)).toEqual(['3 letters archived.']);
    run('undo');
    await later();
    expect(changes.at(-1)).toEqual({
      letters: [1003, 1004, 1005],
      change: { change: 'move', mailbox: INBOX },
    });
    expect(letters.count).toBe(20);
    expect(letters.selected?.letter).toBe(1003);
  });

  it('can be taken back for ten seconds', async () => {
    desk.choose(3);
    run('trash');
    expect(undo.offers.map(({ said }) => said)).toEqual(['Moved to Trash.']);
    await later(9_900);
    expect(undo.offers).toHaveLength(1);
    await later(200);
    expect(undo.offers).toEqual([]);
  });

  it('do not take away the chance to hold back what was just sent', async () => {
    offerSent(9, null);
    desk.choose(3);
    run('archive');
    run('archive');
    expect(undo.offers.map(({ kind }) => kind)).toEqual(['sent', 'changed']);
    await later();
  });

  it('cannot be taken back where they did not go', async () => {
    refusing = true;
    desk.choose(3);
    run('archive');
    await later();
    expect(undo.offers).toEqual([]);
    expect(letters.count).toBe(20);
  });

  it('are not moved to where they are', () => {
    session.sidebar = sidebar([[INBOX, 'archive']]);
    desk.choose(3);
    run('archive');
    expect(letters.count).toBe(20);
    expect(undo.offers).toEqual([]);
  });
});
