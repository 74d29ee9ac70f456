import { mockIPC } from '@tauri-apps/api/mocks';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { letterRow } from '../../../test/samples';
import type { LetterRow, ListArgs } from '../engine/types';
import { letters } from './letters.svelte';

let store: LetterRow[] = [];
let asked: number[] = [];

beforeEach(async () => {
  vi.useFakeTimers();
  store = Array.from({ length: 250 }, (_, index) => letterRow(1000 + index));
  asked = [];
  mockIPC((command, payload) => {
    const { name, args } = payload as { name: string; args: ListArgs };
    if (command !== 'call' || name !== 'letter_list') return null;
    asked.push(args.offset);
    return { total: store.length, offset: args.offset, rows: store.slice(args.offset, args.offset + args.limit) };
  });
  await letters.show({ list: 'role', role: 'inbox' });
});

async function refreshed(): Promise<void> {
  const done = letters.refresh();
  await vi.advanceTimersByTimeAsync(1000);
  await done;
}

describe('the list of letters', () => {
  it('fetches a page once, when it comes into view', async () => {
    letters.look({ first: 90, end: 110 }, 96);
    letters.look({ first: 92, end: 112 }, 98);
    await vi.advanceTimersByTimeAsync(10);
    expect(asked).toEqual([0, 100]);
    expect(letters.count).toBe(250);
    expect(letters.rows.get(111)?.letter).toBe(1111);
  });

  it('keeps its place when mail arrives above', async () => {
    letters.look({ first: 40, end: 60 }, 46);
    letters.select(50);
    store = [letterRow(1), letterRow(2), ...store];
    await refreshed();
    expect(letters.shift.rows).toBe(2);
    expect(letters.selectedIndex).toBe(52);
    expect(letters.selected?.letter).toBe(1050);
  });

  it('shows new mail at its top', async () => {
    const { shift } = letters;
    letters.look({ first: 0, end: 16 }, 0);
    store = [letterRow(1), ...store];
    await refreshed();
    expect(letters.shift).toBe(shift);
    expect(letters.rows.get(0)?.letter).toBe(1);
  });

  it('goes to the next letter when one is filed, and to the one before at the end', async () => {
    letters.select(10);
    letters.foresee(new Set([1010]), { change: 'file', role: 'archive' });
    expect(letters.count).toBe(249);
    expect(letters.selected?.letter).toBe(1011);
  });

  it('takes a label off a letter and leaves it where it is', async () => {
    const label = (mailbox: number) => ({ name: `Label ${mailbox}`, mailbox });
    store[3] = letterRow(1003, { labels: [label(7), label(8)] });
    await refreshed();
    letters.foresee(new Set([1003]), { change: 'unlabel', mailbox: 7 });
    expect(letters.count).toBe(250);
    expect(letters.rows.get(3)?.labels).toEqual([label(8)]);
    await refreshed();
    expect(letters.rows.get(3)?.labels, 'as the engine says').toEqual([label(7), label(8)]);
  });

  it('goes on showing what was sent when its copy comes in', async () => {
    store = [letterRow(null, { outgoing: 7 }), ...store];
    await letters.show({ list: 'role', role: 'sent' });
    letters.select(0);
    store[0] = letterRow(500, { outgoing: 7 });
    await refreshed();
    expect(letters.selectedIndex).toBe(0);
    expect(letters.selected?.letter).toBe(500);
  });

  it('says why it has nothing to show', async () => {
    mockIPC(() => {
      throw { code: 'damaged', message: 'The list could not be read.', hint: 'Start again.' };
    });
    await letters.show({ list: 'role', role: 'trash' });
    expect(letters.failure?.hint).toBe('Start again.');
  });
});
