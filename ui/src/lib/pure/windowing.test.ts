import { describe, expect, it } from 'vitest';
import {
  contentTop,
  elementTop,
  indexOfKey,
  pagesOf,
  rowsInView,
  scrollToShow,
  TALLEST,
  withoutRows,
} from './windowing';

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

describe('a list that is taller than a browser can count', () => {
  const short = { content: 60_000, view: 600 };
  const tall = { content: 60_000_000, view: 600 };
  const way = TALLEST - tall.view;

  it('is scrolled as any other while it fits', () => {
    expect(elementTop(1234, short)).toBe(1234);
    expect(contentTop(0, 0, 1234, short)).toBe(1234);
    expect(elementTop(99_999, short)).toBe(59_400);
  });

  it('reaches both of its ends, and stands in its middle when the bar does', () => {
    expect(contentTop(500, 100, 0, tall)).toBe(0);
    expect(contentTop(500, 100, way, tall)).toBe(tall.content - tall.view);
    expect(contentTop(0, 0, way / 2, tall)).toBe((tall.content - tall.view) / 2);
    expect(elementTop(tall.content - tall.view, tall)).toBe(way);
  });

  it('moves by the steps of the wheel, and not by four times as much', () => {
    const top = 30_000_000;
    const at = elementTop(top, tall);
    expect(contentTop(top, at, at + 120, tall)).toBe(top + 120);
    expect(contentTop(top, at, at - 40, tall)).toBe(top - 40);
  });
});
