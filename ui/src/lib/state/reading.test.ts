import { mockIPC } from '@tauri-apps/api/mocks';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { letterRow } from '../../../test/samples';
import type { LetterRow } from '../engine/types';
import { desk } from './desk.svelte';
import { begin } from './events';
import { session } from './session.svelte';

let seen: number[] = [];
let narrow = false;

beforeEach(async () => {
  vi.useFakeTimers();
  vi.spyOn(window, 'matchMedia').mockImplementation(() => ({ matches: narrow }) as MediaQueryList);
  const rows = [0, 1, 2].map((index) => letterRow(index + 1, { unread: true }));
  seen = [];
  narrow = false;
  mockIPC(
    (_, payload) => {
      const { name, args } = payload as { name?: string; args: { letter: number; letters: number[] } };
      if (name === 'letter_list') return { total: 3, offset: 0, rows };
      if (name === 'letter_show') return view(rows[args.letter - 1]);
      if (name === 'letter_change') seen.push(...args.letters);
      if (name === 'account_list') return [{ id: 1, identities: [], smart_hosts: [] }];
      if (name === 'sidebar') return session.sidebar;
      return name === undefined ? [] : null;
    },
    { shouldMockEvents: true },
  );
  // Of the platform there is only what answers calls.
  await begin().catch(() => undefined);
  await desk.go({ at: 'letters', source: { list: 'role', role: 'inbox' } });
});

function view(row: LetterRow | undefined) {
  const none: never[] = [];
  return {
    row,
    cc: none,
    bcc: none,
    reply_to: none,
    attachments: none,
    document: null,
    remote_images: 0,
    trackers: 0,
  };
}

const aWhile = () => vi.advanceTimersByTimeAsync(2000);

describe('a letter is read', () => {
  it('when it has been open for a moment', async () => {
    desk.moveTo(0);
    await vi.advanceTimersByTimeAsync(300);
    expect(seen).toEqual([]);
    await aWhile();
    expect(seen).toEqual([1]);
  });

  it('not while several are selected', async () => {
    desk.choose(0);
    desk.extendTo(1);
    await aWhile();
    expect(seen).toEqual([]);
  });

  it('not behind the list, on a window with room for one pane', async () => {
    narrow = true;
    desk.moveTo(0);
    await aWhile();
    expect(seen).toEqual([]);
    desk.openSelected();
    await aWhile();
    expect(seen).toEqual([1]);
  });
});
