import { describe, expect, it } from 'vitest';
import { letterRow } from '../../../test/samples';
import type { LetterRow } from '../engine/types';
import { countOf, isSameThread, lettersIn, lettersOf, lettersOfAll, openAtFirst, peopleOf } from './threads';

function thread(letters: number[], count = letters.length): LetterRow {
  const summary = { letters, count, people: [], unread: false, flagged: false };
  return { ...letterRow(letters[0] ?? null), thread: summary };
}

describe('a row that stands for a thread', () => {
  it('is the letters of its thread in its mailbox, and otherwise itself', () => {
    expect(lettersOf(thread([3, 2, 1]))).toEqual([3, 2, 1]);
    expect(lettersOf(letterRow(7))).toEqual([7]);
    expect(lettersOf(letterRow(null, { outgoing: 1 }))).toEqual([]);
    expect(lettersOfAll([thread([3, 2]), letterRow(2), letterRow(9)])).toEqual([3, 2, 9]);
    expect(lettersIn([thread([3, 2]), letterRow(9), letterRow(null, { outgoing: 1 })])).toBe(4);
    expect([countOf(thread([3], 5)), countOf(letterRow(1))]).toEqual([5, 1]);
  });

  it('stays the same one while letters come and go', () => {
    expect(isSameThread(thread([3, 2, 1]), thread([4, 3, 2, 1]))).toBe(true);
    expect(isSameThread(letterRow(3), thread([4, 3]))).toBe(true);
    expect(isSameThread(thread([3, 2]), letterRow(2))).toBe(true);
    expect(isSameThread(thread([3, 2]), thread([5, 4]))).toBe(false);
    expect(isSameThread(letterRow(null, { outgoing: 1 }), letterRow(null, { outgoing: 2 }))).toBe(false);
  });
});

it('the people of a thread are named by their first names, and oneself as you', () => {
  const named = (...names: string[]) => names.map((name) => ({ name, address: `${name.length}@example.org` }));
  const own = new Set(['you@example.org']);
  const you = { name: 'Robin Vale', address: 'You@example.org' };
  expect(peopleOf(named('Anna Bergström'), own)).toBe('Anna Bergström');
  expect(peopleOf([...named('Anna Bergström'), you], own)).toBe('Anna, you');
  expect(peopleOf([...named('Bergström, Anna', 'The Garden Post'), you], own)).toBe('Anna, The Garden Post, you');
  expect(peopleOf(named('A One', 'B Twoo', 'C Three', 'D Fourth', 'E Fifthly'), own)).toBe('A, … D, E');
});

it('a conversation opens on its newest letter and on what was not read', () => {
  const rows = [letterRow(1), letterRow(2, { unread: true }), letterRow(3), letterRow(4)];
  expect([...openAtFirst(rows)]).toEqual([2, 4]);
  expect(openAtFirst([]).size).toBe(0);
});
