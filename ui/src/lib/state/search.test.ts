import { mockIPC } from '@tauri-apps/api/mocks';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { letterRow } from '../../../test/samples';
import type { LetterRow, ListArgs, SearchArgs } from '../engine/types';
import type { SearchPage } from '../engine/types';
import { run } from './commands';
import { desk } from './desk.svelte';
import { found, letters } from './letters.svelte';
import { reader } from './reader.svelte';
import { search } from './search.svelte';
import { searched } from './searched.svelte';
import { session } from './session.svelte';

const inbox: LetterRow[] = Array.from({ length: 250 }, (_, index) => letterRow(1000 + index));
const pageOf = (rows: LetterRow[]): SearchPage => ({
  rows,
  marks: rows.map(() => ({ subject: [[0, 1]], from: [], to: [] })),
  total: rows.length,
  more: false,
  problems: [],
});
/** A page as the engine gives it. How many are flagged it does not count before it comes to the end. */
const pageAt = (query: string, rows: LetterRow[], offset: number, limit: number): SearchPage => {
  const more = offset + limit < rows.length;
  return {
    ...pageOf(rows.slice(offset, offset + limit)),
    total: query === 'is:flagged' && more ? null : rows.length,
    more,
  };
};
let hits: Record<string, LetterRow[]> = {};
let queries: string[] = [];
let offsets: number[] = [];

beforeEach(async () => {
  vi.useFakeTimers();
  hits = { bees: [letterRow(1, { mailbox: 7 }), letterRow(2)] };
  queries = [];
  offsets = [];
  mockIPC((_, payload) => {
    const { name, args } = payload as { name: string; args: ListArgs & SearchArgs };
    if (name === 'letter_list')
      return { total: 250, offset: args.offset, rows: inbox.slice(args.offset, args.offset + args.limit) };
    if (name === 'letter_search_server') return pageOf([letterRow(9)]);
    if (name !== 'letter_search') return null;
    queries.push(args.query);
    offsets.push(args.offset ?? 0);
    return pageAt(args.query, hits[args.query] ?? [], args.offset ?? 0, args.limit);
  });
  session.stage = 'ready';
  await desk.go({ at: 'letters', source: { list: 'role', role: 'inbox' } });
});

async function typed(...texts: string[]): Promise<void> {
  for (const text of texts) {
    search.type(text);
    await vi.advanceTimersByTimeAsync(50);
  }
  await vi.advanceTimersByTimeAsync(200);
}

describe('a search', () => {
  it('asks once for what is typed in one go', async () => {
    await typed('b', 'be', 'bees');
    expect(queries).toEqual(['bees']);
    expect(desk.list).toBe(found);
    expect(found.count).toBe(2);
  });

  it('leaves the former list on the screen until it has an answer', async () => {
    search.type('bees');
    expect(desk.list).toBe(letters);
    expect(desk.query).toBe('bees');
    await vi.advanceTimersByTimeAsync(200);
    expect(desk.list).toBe(found);
  });

  it('is left with Esc, to the letter and the place of before', async () => {
    desk.moveTo(40);
    letters.scrollTop = 1800;
    await typed('bees');
    desk.moveTo(1);
    expect(reader.letterId).toBe(2);
    run('back');
    expect(desk.place).toEqual({ at: 'letters', source: { list: 'role', role: 'inbox' } });
    expect([letters.selectedIndex, letters.scrollTop, reader.letterId]).toEqual([40, 1800, 1040]);
  });

  it('ends when the field is empty again', async () => {
    await typed('bees', '');
    expect(desk.list).toBe(letters);
    expect(found.count).toBe(0);
  });

  it('that finds nothing knows what it did not find', async () => {
    await typed('zebra');
    expect(found.source).toEqual({ list: 'search', query: 'zebra' });
    expect(found.count).toBe(0);
  });

  it('is asked of the servers with one more key', async () => {
    await typed('bees');
    await search.askServer();
    expect([search.onServer, search.asking, found.count]).toEqual([true, false, 1]);
    await typed('bees and');
    expect(search.onServer).toBe(false);
  });

  it('knows what to mark in its rows', async () => {
    await typed('bees');
    expect(searched.marks.get(2)?.subject).toEqual([[0, 1]]);
    search.leave();
    expect(searched.marks.size).toBe(0);
  });

  it('goes on to every hit as one scrolls', async () => {
    hits['many'] = Array.from({ length: 450 }, (_, index) => letterRow(index + 1));
    await typed('many');
    expect([found.count, found.rows.size]).toEqual([450, 100]);
    found.look({ first: 430, end: 450 }, 431);
    await vi.advanceTimersByTimeAsync(10);
    expect(offsets).toEqual([0, 400]);
    expect(found.rows.get(449)?.letter).toBe(450);
    expect([searched.marks.has(1), searched.marks.has(450)]).toEqual([true, true]);
    found.select(449);
    expect(reader.letterId).toBe(450);
  });

  it('goes on where nobody counted what it finds, up to the end', async () => {
    hits['is:flagged'] = Array.from({ length: 250 }, (_, index) => letterRow(index + 1));
    await typed('is:flagged');
    expect([found.count, searched.total, searched.seen]).toEqual([200, null, 100]);
    found.look({ first: 150, end: 170 }, 151);
    await vi.advanceTimersByTimeAsync(10);
    expect([found.count, searched.total, searched.seen]).toEqual([300, null, 200]);
    found.look({ first: 240, end: 260 }, 241);
    await vi.advanceTimersByTimeAsync(10);
    expect([found.count, searched.total]).toEqual([250, 250]);
    expect(found.rows.get(249)?.letter).toBe(250);
    const done = found.refresh();
    await vi.advanceTimersByTimeAsync(1000);
    await done;
    expect([found.count, found.rows.get(249)?.letter]).toEqual([250, 250]);
  });

  it('begins in places without a list as well, and goes back there', async () => {
    await desk.go({ at: 'settings' });
    run('search');
    expect(desk.list).toBe(found);
    await typed('bees');
    run('back');
    expect(desk.place).toEqual({ at: 'settings' });
  });

  it('goes to the first letter from the field', async () => {
    await typed('bees');
    search.toFirst();
    expect(reader.letterId).toBe(1);
  });
});

it('a key acts on the letter that was chosen last, even before it is on the screen', async () => {
  const changed: unknown[] = [];
  desk.moveTo(3);
  await vi.advanceTimersByTimeAsync(100);
  mockIPC((_, payload) => {
    const { name, args } = payload as { name: string; args: { letters: number[] } };
    if (name === 'letter_change') changed.push(args.letters);
    return null;
  });
  desk.moveTo(4);
  run('archive');
  expect(changed).toEqual([[1004]]);
});
