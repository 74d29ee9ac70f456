import { describe, expect, it } from 'vitest';
import { NOW } from '../../../test/samples';
import { countdown, dateAndTime, duration, fieldTime, proposals, shortDate, span } from './dates';

const at = (days: number, hour = 9, minute = 5) => new Date(2026, 10, 3 + days, hour, minute);
const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);

describe('a date in a row', () => {
  it.each([
    [at(0), '09:05'],
    [at(-1), 'Mon'],
    [at(-6), 'Wed'],
    [at(-7), '27 Oct'],
    [new Date(2025, 10, 3), '3 Nov 2025'],
    [at(2), '5 Nov'],
  ])('%s is short', (date, shown) => {
    expect(shortDate(date, NOW)).toBe(shown);
  });
});

describe('a time', () => {
  it.each([
    [at(0), '09:05'],
    [at(1), 'tomorrow 09:05'],
    [at(-1), 'yesterday 09:05'],
    [at(3), 'Fri 09:05'],
    [at(20), '23 Nov 09:05'],
    [new Date(2027, 0, 4, 9, 5), '4 Jan 2027 09:05'],
  ])('%s is named by its day where it is near', (date, shown) => {
    expect(dateAndTime(date, NOW)).toBe(shown);
  });
});

describe('a countdown', () => {
  it.each([
    [185, '3:05'],
    [0.2, '0:01'],
    [0, '0:00'],
    [-5, '0:00'],
    [3599, '59:59'],
    [3600, '1 h'],
    [7380, '2 h 3 min'],
    [86_400 * 2 + 3600 * 4, '2 d 4 h'],
  ])('of %s s is %s', (seconds, shown) => {
    expect(countdown(later(seconds), NOW)).toBe(shown);
  });
});

it.each([
  [0.08, '80 ms'],
  [1.44, '1.4 s'],
  [31, '31 s'],
  [125, '2 min 5 s'],
])('%s s are said with their unit', (seconds, shown) => {
  expect(duration(NOW, later(seconds))).toBe(shown);
});

describe('the times proposed for sending later', () => {
  it('lie ahead, and leave out an evening that is near', () => {
    expect(proposals(NOW).map(({ when }) => when)).toEqual(['hour', 'evening', 'tomorrow', 'monday']);
    expect(proposals(new Date(2026, 10, 3, 18)).map(({ when }) => when)).toEqual(['hour', 'tomorrow', 'monday']);
    expect(proposals(NOW).every(({ at: time }) => time > NOW)).toBe(true);
  });

  it('do not name Monday twice on a Sunday', () => {
    expect(proposals(new Date(2026, 10, 8, 10)).map(({ when }) => when)).not.toContain('monday');
  });
});

it('a field is filled in local time', () => {
  expect(fieldTime(NOW)).toBe('2026-11-03T14:28');
});

it.each([
  [10, '1 min'],
  [12 * 60, '12 min'],
  [80 * 60, '1 h 20 min'],
  [2 * 86_400 + 4 * 3600, '2 d 4 h'],
])('%s seconds on its way are %s', (seconds, shown) => {
  expect(span(NOW, later(seconds))).toBe(shown);
});
