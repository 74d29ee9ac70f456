// Times in words. Every function is given "now"; nothing here reads a clock.

import { words } from '../words';

const LOCALE = 'en-GB';
const time = new Intl.DateTimeFormat(LOCALE, { hour: '2-digit', minute: '2-digit', hour12: false });
const weekday = new Intl.DateTimeFormat(LOCALE, { weekday: 'short' });
const dayMonth = new Intl.DateTimeFormat(LOCALE, { day: 'numeric', month: 'short' });
const dayMonthYear = new Intl.DateTimeFormat(LOCALE, { day: 'numeric', month: 'short', year: 'numeric' });
const full = new Intl.DateTimeFormat(LOCALE, {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hour12: false,
});

const day = new Intl.DateTimeFormat(LOCALE, { day: 'numeric', month: 'long', year: 'numeric' });

const SECOND = 1000;
export const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Whole calendar days from `a` to `b`, in local time. */
export function daysBetween(a: Date, b: Date): number {
  const midnight = (date: Date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  return Math.round((midnight(b) - midnight(a)) / DAY);
}

/** For a row of a list: "14:32", "Tue", "3 Nov", "3 Nov 2024". */
export function shortDate(date: Date, now: Date): string {
  const days = daysBetween(date, now);
  if (days === 0) return time.format(date);
  if (days > 0 && days < 7) return weekday.format(date);
  return (date.getFullYear() === now.getFullYear() ? dayMonth : dayMonthYear).format(date);
}

/** With the time of day, always: "14:32", "Tue 14:32", "3 Nov 14:32". */
export function dateAndTime(date: Date, now: Date): string {
  const days = daysBetween(date, now);
  if (days === 0) return time.format(date);
  if (days === -1) return words.dates.tomorrow(time.format(date));
  if (days === 1) return words.dates.yesterday(time.format(date));
  if (Math.abs(days) < 7) return `${weekday.format(date)} ${time.format(date)}`;
  const day = (date.getFullYear() === now.getFullYear() ? dayMonth : dayMonthYear).format(date);
  return `${day} ${time.format(date)}`;
}

/** Everything, for a tooltip. */
export function fullDate(date: Date): string {
  return full.format(date);
}

/** "3 November 2026". */
export function fullDay(date: Date): string {
  return day.format(date);
}

/** "14:32". */
export function timeOfDay(date: Date): string {
  return time.format(date);
}

/** What is left until then: "3:05" under an hour, then "2 h 3 min", then "2 d 4 h". Nothing is left below zero. */
export function countdown(until: Date, now: Date): string {
  const left = Math.max(0, Math.ceil((until.getTime() - now.getTime()) / SECOND) * SECOND);
  if (left < HOUR) return `${Math.floor(left / MINUTE)}:${pad((left % MINUTE) / SECOND)}`;
  if (left < DAY) return joined(Math.floor(left / HOUR), 'h', Math.floor((left % HOUR) / MINUTE), 'min');
  return joined(Math.floor(left / DAY), 'd', Math.floor((left % DAY) / HOUR), 'h');
}

/** How long something took: "80 ms", "1.4 s", "2 min 5 s". */
export function duration(from: Date, to: Date): string {
  const took = Math.max(0, to.getTime() - from.getTime());
  if (took < SECOND) return `${took} ms`;
  if (took < 10 * SECOND) return `${(took / SECOND).toFixed(1)} s`;
  if (took < MINUTE) return `${Math.round(took / SECOND)} s`;
  return joined(Math.floor(took / MINUTE), 'min', Math.round((took % MINUTE) / SECOND), 's');
}

/** How long something has been going on, in what one would say: "12 min", "1 h 20 min", "2 d 4 h". */
export function span(since: Date, now: Date): string {
  const past = Math.max(0, now.getTime() - since.getTime());
  if (past < HOUR) return `${Math.max(1, Math.floor(past / MINUTE))} min`;
  if (past < DAY) return joined(Math.floor(past / HOUR), 'h', Math.floor((past % HOUR) / MINUTE), 'min');
  return joined(Math.floor(past / DAY), 'd', Math.floor((past % DAY) / HOUR), 'h');
}

/** The value of a `datetime-local` field, in local time. */
export function fieldTime(date: Date): string {
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  return `${day}T${pad(date.getHours())}:${pad(date.getMinutes())}`;
}

/** A time that the composer proposes for sending later. */
export type Proposal = { when: 'hour' | 'evening' | 'tomorrow' | 'monday'; at: Date };

/** Times that make sense from now on; the evening only while it is well ahead. */
export function proposals(now: Date): Proposal[] {
  const at = (days: number, hour: number) =>
    new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, hour, 0, 0, 0);
  const toMonday = (8 - now.getDay()) % 7 || 7;
  const list: Proposal[] = [{ when: 'hour', at: new Date(now.getTime() + HOUR) }];
  if (now.getHours() < 17) list.push({ when: 'evening', at: at(0, 18) });
  list.push({ when: 'tomorrow', at: at(1, 8) });
  if (toMonday > 1) list.push({ when: 'monday', at: at(toMonday, 8) });
  return list;
}

function joined(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

function pad(value: number): string {
  return String(Math.floor(value)).padStart(2, '0');
}
