import { describe, expect, it } from 'vitest';
import { indexOfKey, pagesOf, rowsInView, scrollToShow, withoutRows } from './windowing';

describe('the rows that are drawn', () => {
  it.each([
    [0, 600, 1000, { first: 0, end: 16 }],
    [6000, 600, 1000, { first: 94, end: 116 }],
    [59_400, 600, 1000, { first: 984, end: 1000 }],
    [0, 600, 3, { first: 0, end: 3 }],
    [6000, 600, 5, { first: 5, end: 5 }],
    [0, 0, 0, { first: 0, end: 0 }],
  ])('at %s with a height of %s among %s', (scrollTop, height, count, range) => {
    expect(rowsInView(scrollTop, height, 60, count)).toEqual(range);
  });
});

it('pages cover the rows in view', () => {
  expect(pagesOf({ first: 0, end: 16 }, 100)).toEqual([0]);
  expect(pagesOf({ first: 94, end: 116 }, 100)).toEqual([0, 100]);
  expect(pagesOf({ first: 100, end: 200 }, 100)).toEqual([100]);
  expect(pagesOf({ first: 5, end: 5 }, 100)).toEqual([0]);
});

it('a row is brought into view by the shortest way, or not at all', () => {
  expect(scrollToShow(0, 300, 600, 60)).toBe(0);
  expect(scrollToShow(7, 300, 600, 60)).toBe(300);
  expect(scrollToShow(15, 300, 600, 60)).toBe(360);
});

it('what was below rows that went moves up', () => {
  const rows = new Map([
    [3, 'c'],
    [4, 'd'],
    [5, 'e'],
    [9, 'i'],
  ]);
  expect([...withoutRows(rows, new Set([4]))]).toEqual([
    [3, 'c'],
    [4, 'e'],
    [8, 'i'],
  ]);
  expect([...withoutRows(rows, new Set([3, 5]))]).toEqual([
    [3, 'd'],
    [7, 'i'],
  ]);
  expect(indexOfKey(rows, 'e', (row) => row)).toBe(5);
  expect(indexOfKey(rows, 'x', (row) => row)).toBe(-1);
});
