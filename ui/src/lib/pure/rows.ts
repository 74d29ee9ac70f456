// What a row says: shown in pieces, and read out as one label.

import type { DraftView, LetterRow, OutgoingRow } from '../engine/types';
import { words } from '../words';
import { shownNames } from './address';
import { countdown, dateAndTime, fullDate, shortDate } from './dates';
import type { Moment } from './headline';
import { markLabel } from './marks';
import { countOf, peopleOf } from './threads';

/** Who a letter is from; for what one sent, to whom. */
export function correspondents(row: LetterRow, sent: boolean): string {
  if (sent) return row.to.length === 0 ? words.common.noRecipients : words.list.to(shownNames(row.to));
  return row.from.length === 0 ? words.common.unknownSender : shownNames(row.from);
}

/** Who is named in a row: in a thread, everybody who wrote. */
export function writers(row: LetterRow, sent: boolean, own: ReadonlySet<string>): string {
  return row.thread && !sent ? peopleOf(row.thread.people, own) : correspondents(row, sent);
}

/** A letter's row in one line; `mailbox` is said where it is not plain from the list. */
export function letterLabel(
  row: LetterRow | undefined,
  sent: boolean,
  now: Date,
  mailbox = '',
  own: ReadonlySet<string> = new Set(),
): string {
  if (!row) return words.common.loading;
  const list = words.list;
  return sentence([
    row.unread ? list.unread : '',
    row.flagged ? list.flagged : '',
    writers(row, sent, own),
    row.subject || words.common.noSubject,
    countOf(row) > 1 ? words.reading.inConversation(countOf(row)) : '',
    shortDate(new Date(row.date), now),
    row.answered ? list.answered : '',
    row.forwarded ? list.forwarded : '',
    row.attachments > 0 ? list.attachments(row.attachments) : '',
    row.mark ? markLabel(row.mark) : '',
    mailbox === '' ? '' : words.search.in(mailbox),
  ]);
}

/** An outgoing's row in one line. */
export function outgoingLabel(row: OutgoingRow | undefined, moment: Moment): string {
  if (!row) return words.common.loading;
  return sentence([
    markLabel(row.mark),
    words.list.to(row.to.join(', ')),
    row.subject || words.common.noSubject,
    outgoingNote(row),
    row.late ? words.list.lateRow : '',
    outgoingTime(row, moment).whole,
  ]);
}

/** What an outgoing waits for, or why it was refused; the plain state where there is nothing more to say. */
export function outgoingNote(row: OutgoingRow): string {
  return row.title || words.states[row.mark.state];
}

/** What stands where other rows have their date: what is left until the next step, else when it was sent. */
export function outgoingTime(row: OutgoingRow, { now, paused }: Moment): { shown: string; whole: string } {
  const sent = new Date(row.created_at);
  const at = row.next_attempt_at === null ? null : new Date(row.next_attempt_at);
  if (!at || at <= now || paused) return { shown: shortDate(sent, now), whole: fullDate(sent) };
  const phrase = row.mark.state === 'held' ? words.list.leaves : words.list.next;
  return { shown: words.list.in(countdown(at, now)), whole: phrase(dateAndTime(at, now), countdown(at, now)) };
}

/** A draft's row in one line. */
export function draftLabel(row: DraftView | undefined, now: Date): string {
  if (!row) return words.common.loading;
  return sentence([
    draftTo(row),
    row.draft.subject || words.common.noSubject,
    shortDate(new Date(row.saved_at), now),
  ]);
}

/** To whom a draft is written. */
export function draftTo({ draft }: DraftView): string {
  const all = [...draft.to, ...draft.cc, ...draft.bcc];
  return all.length === 0 ? words.common.noRecipients : words.list.to(shownNames(all));
}

/** The first words of a draft. */
export function draftSnippet({ draft }: DraftView): string {
  const text = draft.html.replace(/<(?:br|\/p|\/div|\/li)[^>]*>/gi, ' ').replace(/<[^>]*>/g, '');
  const decoded = text
    .replace(/&nbsp;/g, ' ')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&');
  return decoded.replace(/\s+/g, ' ').trim().slice(0, 200);
}

/** The letters of a person's mark in the letter's head. */
export function initials(name: string): string {
  const parts = name
    .replace(/@.*$/, '')
    .split(/[\s._-]+/u)
    .filter((part) => /^[\p{L}\p{N}]/u.test(part));
  const picked = parts.length > 1 ? [parts[0], parts[parts.length - 1]] : parts;
  return (
    picked
      .map((part) => [...(part ?? '')][0] ?? '')
      .join('')
      .toUpperCase() || '?'
  );
}

function sentence(parts: string[]): string {
  return parts.filter((part) => part !== '').join(', ');
}

/** When an outgoing was sent from here. */
export function sentWords(at: string, now: Date): string {
  return words.delivery.sentAt(dateAndTime(new Date(at), now));
}
