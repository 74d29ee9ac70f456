// Rows that stand for a thread: which letters they are, who wrote them, and which row is the same one later.

import type { Address, LetterId, LetterRow } from '../engine/types';
import { words } from '../words';
import { shownName } from './address';

/** The letters that a row stands for: those of its thread in its mailbox, or itself. */
export function lettersOf(row: LetterRow): LetterId[] {
  if (row.thread && row.thread.letters.length > 0) return row.thread.letters;
  return row.letter === null ? [] : [row.letter];
}

/** The letters that several rows stand for, each once. */
export function lettersOfAll(rows: LetterRow[]): LetterId[] {
  return [...new Set(rows.flatMap(lettersOf))];
}

/** How many letters rows stand for. One that is still on its way is in no mailbox, and is one all the same. */
export function lettersIn(rows: LetterRow[]): number {
  return rows.reduce((sum, row) => sum + Math.max(lettersOf(row).length, 1), 0);
}

/** Whether two rows stand for the same: a thread that a letter came to, or left, is still that thread. */
export function isSameThread(one: LetterRow, other: LetterRow): boolean {
  const letters = new Set(lettersOf(one));
  return lettersOf(other).some((letter) => letters.has(letter));
}

/** How many letters the conversation of a row has. */
export function countOf(row: LetterRow): number {
  return row.thread?.count ?? 1;
}

/** Who wrote in a thread, oldest first: "Anna, Ben, you". First names are enough where there are several. */
export function peopleOf(people: Address[], own: ReadonlySet<string>, most = 4): string {
  const isOwn = ({ address }: Address) => own.has(address.toLowerCase());
  const name = (person: Address) =>
    isOwn(person) ? words.list.you : people.length > 1 ? firstName(person) : shownName(person);
  const names = [...new Set(people.map(name))];
  if (names.length <= most) return names.join(', ');
  return [names[0], '…', ...names.slice(-(most - 2))].join(', ').replace('…, ', '… ');
}

function firstName(person: Address): string {
  const name = shownName(person);
  if (name.includes('@')) return name.split('@')[0] ?? name;
  // "Surname, Name" is the other way round; what has more words is a company as often as a person.
  const [surname, given] = name.split(', ');
  if (given) return given.split(' ')[0] ?? name;
  const parts = (surname ?? name).split(' ');
  return parts.length === 2 ? (parts[0] ?? name) : name;
}

/** Which letters of a conversation are open at first: the newest, and what was not read yet. */
export function openAtFirst(rows: LetterRow[]): Set<LetterId> {
  const unread = rows.filter((row) => row.unread).map((row) => row.letter);
  const newest = rows.findLast((row) => row.letter !== null)?.letter ?? null;
  return new Set([...unread, newest].filter((letter) => letter !== null));
}
