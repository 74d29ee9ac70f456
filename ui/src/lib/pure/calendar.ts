// Events of invitations in words. A moment is shown on the reader's own clock, with the zone; what the clock shows where
// the event was written stands beside it where that differs.

import type { Answer, CalendarEvent, CalendarTime, Invitation } from '../engine/types';
import { calendar as say } from '../words/calendar';
import { shownName } from './address';

const LOCALE = 'en-GB';
const DAY = 24 * 3_600_000;
const ANSWERS: Answer[] = ['accepted', 'tentative', 'declined', 'delegated', 'none'];

/** When an event is, and what there is to say of its time zone. */
export type When = { text: string; note: string };

/** When it is, for a reader in this time zone; `null` where nothing is said. */
export function when({ start, end }: CalendarEvent, zone: string): When | null {
  if (start === null) return null;
  switch (start.form) {
    case 'day':
      return { text: `${days(start.date, end)}, ${say.allDay}`, note: '' };
    case 'moment': {
      const until = end?.form === 'moment' ? new Date(end.at) : null;
      return { text: span(new Date(start.at), until, zone, true), note: elsewhere(start, end, zone) };
    }
    case 'local': {
      const until = end?.form === 'local' ? floating(end.local) : null;
      const note = start.zone === null ? say.noZone : say.oddZone(start.zone);
      return { text: span(floating(start.local), until, 'UTC', false), note };
    }
  }
}

/** Days up to the one before the end, which is the first that is no longer part of it. */
function days(first: string, end: CalendarTime | null): string {
  const from = floating(`${first}T00:00:00`);
  const last = end?.form === 'day' ? new Date(floating(`${end.date}T00:00:00`).getTime() - DAY) : from;
  return last > from ? say.from(day(from, 'UTC'), day(last, 'UTC')) : day(from, 'UTC');
}

function span(from: Date, until: Date | null, zone: string, named: boolean): string {
  const begins = `${day(from, zone)}, ${clock(from, zone)}`;
  const name = named ? ` ${zoneName(from, zone)}` : '';
  if (until === null || until <= from) return begins + name;
  if (day(from, zone) === day(until, zone)) return `${begins}–${clock(until, zone)}${name}`;
  return `${say.from(begins, `${day(until, zone)}, ${clock(until, zone)}`)}${name}`;
}

/** What the clock shows in the zone of the event, where that is another time than here. */
function elsewhere(start: CalendarTime, end: CalendarTime | null, zone: string): string {
  if (start.form !== 'moment' || start.zone === null) return '';
  const [here, there] = [new Date(start.at), floating(start.local)];
  if (`${day(here, zone)} ${clock(here, zone)}` === `${day(there, 'UTC')} ${clock(there, 'UTC')}`) return '';
  const until = end?.form === 'moment' && end.zone === start.zone ? floating(end.local) : null;
  const sameDay = day(here, zone) === day(there, 'UTC');
  const ends = until !== null && day(until, 'UTC') === day(there, 'UTC') ? `–${clock(until, 'UTC')}` : '';
  const time = `${sameDay ? '' : `${day(there, 'UTC')}, `}${clock(there, 'UTC')}${ends}`;
  return say.there(time, start.zone.replaceAll('_', ' '));
}

/** A time on a clock that is nowhere: kept as if it were in UTC, and shown as such. */
function floating(local: string): Date {
  return new Date(`${local}Z`);
}

/** "Tuesday 3 November 2026", put together here: web views do not agree on the comma. */
function day(date: Date, timeZone: string): string {
  const format = { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric', timeZone } as const;
  const parts = new Intl.DateTimeFormat(LOCALE, format).formatToParts(date);
  return parts.flatMap(({ type, value }) => (type === 'literal' ? [] : [value])).join(' ');
}

function clock(date: Date, timeZone: string): string {
  return date.toLocaleTimeString(LOCALE, { hour: '2-digit', minute: '2-digit', hour12: false, timeZone });
}

function zoneName(date: Date, timeZone: string): string {
  const parts = new Intl.DateTimeFormat(LOCALE, { timeZone, timeZoneName: 'short' }).formatToParts(date);
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
}

/** What it is, in a line: an invitation, who answered what, that it is called off. */
export function headline({ method, events }: Invitation): string {
  const [event] = events;
  const who = event?.attendees[0];
  if (method === 'reply' && event?.attendees.length === 1 && who) return say.answered(shownName(who.who), who.answer);
  return event?.cancelled && method !== 'reply' ? say.kinds.cancel : say.kinds[method];
}

/** How many come and how many do not: "2 come, 1 did not answer yet". */
export function answerCounts({ attendees }: CalendarEvent): string {
  const count = (answer: Answer) => attendees.filter((one) => one.answer === answer).length;
  return ANSWERS.filter((answer) => count(answer) > 0)
    .map((answer) => say.counts[answer](count(answer)))
    .join(', ');
}
