import { describe, expect, it } from 'vitest';
import type { Answer, CalendarEvent, CalendarTime, Method } from '../engine/types';
import { answerCounts, headline, when } from './calendar';

const BERLIN = 'Europe/Berlin';

function event(change: Partial<CalendarEvent> = {}): CalendarEvent {
  return {
    summary: 'Reading circle',
    description: '',
    location: '',
    link: null,
    start: null,
    end: null,
    repeats: null,
    organiser: null,
    attendees: [],
    cancelled: false,
    ...change,
  };
}

const moment = (at: string, local: string, zone: string | null): CalendarTime => ({
  form: 'moment',
  at,
  local,
  zone,
});
const date = (date: string): CalendarTime => ({ form: 'day', date });
const local = (local: string, zone: string | null = null): CalendarTime => ({ form: 'local', local, zone });
const attendee = (name: string, answer: Answer) => ({ who: { name, address: `${name}@example.org` }, answer });

describe('the time of an event', () => {
  it.each<[string, CalendarTime, CalendarTime | null, string, string]>([
    [
      'is on the reader’s clock, with the zone',
      moment('2026-07-07T12:30:00Z', '2026-07-07T14:30:00', BERLIN),
      moment('2026-07-07T13:30:00Z', '2026-07-07T15:30:00', BERLIN),
      'Tuesday 7 July 2026, 14:30–15:30 CEST',
      '',
    ],
    [
      'names what the clock shows where it was written, where that differs',
      moment('2026-11-03T19:00:00Z', '2026-11-03T14:00:00', 'America/New_York'),
      moment('2026-11-03T20:00:00Z', '2026-11-03T15:00:00', 'America/New_York'),
      'Tuesday 3 November 2026, 20:00–21:00 CET',
      '14:00–15:00 in America/New York',
    ],
    [
      'names the day there, where that differs too',
      moment('2026-11-03T23:00:00Z', '2026-11-04T08:00:00', 'Asia/Tokyo'),
      null,
      'Wednesday 4 November 2026, 00:00 CET',
      '08:00 in Asia/Tokyo',
    ],
    [
      'has two days where it goes past midnight',
      moment('2026-11-03T21:00:00Z', '2026-11-03T21:00:00', null),
      moment('2026-11-04T01:00:00Z', '2026-11-04T01:00:00', null),
      'Tuesday 3 November 2026, 22:00 to Wednesday 4 November 2026, 02:00 CET',
      '',
    ],
    ['of a whole day has no time', date('2026-11-03'), date('2026-11-04'), 'Tuesday 3 November 2026, all day', ''],
    [
      'of several days ends with the last of them',
      date('2026-11-03'),
      date('2026-11-06'),
      'Tuesday 3 November 2026 to Thursday 5 November 2026, all day',
      '',
    ],
    [
      'without a zone is not moved',
      local('2026-11-03T14:30:00'),
      local('2026-11-03T15:00:00'),
      'Tuesday 3 November 2026, 14:30–15:00',
      'The sender does not say in which time zone.',
    ],
    [
      'in a zone that nobody knows is not moved',
      local('2026-11-03T14:30:00', 'Kindergarten Time'),
      null,
      'Tuesday 3 November 2026, 14:30',
      'By the sender’s time zone, “Kindergarten Time”, which is not known here.',
    ],
  ])('%s', (_, start, end, text, note) => {
    expect(when(event({ start, end }), BERLIN)).toEqual({ text, note });
  });

  it('that is not said is none', () => {
    expect(when(event(), BERLIN)).toBeNull();
  });
});

describe('the headline', () => {
  it.each<[Method, Partial<CalendarEvent>, string]>([
    ['request', {}, 'Invitation'],
    ['request', { cancelled: true }, 'Called off'],
    ['cancel', {}, 'Called off'],
    ['reply', { attendees: [attendee('Anna', 'accepted')] }, 'Anna comes'],
    ['reply', { attendees: [attendee('Anna', 'declined')] }, 'Anna does not come'],
    ['reply', {}, 'Answer to an invitation'],
    ['counter', {}, 'Another time is proposed'],
    ['publish', {}, 'Event'],
  ])('of %s with %o is %s', (method, change, words) => {
    expect(headline({ part: 1, method, events: [event(change)] })).toBe(words);
  });
});

it('answers are counted, those who come first', () => {
  const answers: Answer[] = ['none', 'accepted', 'accepted', 'declined', 'none', 'none'];
  const attendees = answers.map((answer, at) => attendee(`a${at}`, answer));
  expect(answerCounts(event({ attendees }))).toBe('2 come, 1 does not come, 3 did not answer yet');
});
