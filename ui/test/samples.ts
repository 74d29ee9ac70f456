// Deliveries and rows for the tests.

import type { Delivery, Diagnosis, LetterRow, OutgoingRow, Role, Sidebar } from '../src/lib/engine/types';

/** Tuesday 3 November 2026, 14:28:55 local time. */
export const NOW = new Date(2026, 10, 3, 14, 28, 55);

/** So many seconds after `NOW`, as the engine writes it. */
export function after(seconds: number): string {
  return new Date(NOW.getTime() + seconds * 1000).toISOString();
}

/** A diagnosis of this title. */
export function diagnosis(title: string): Diagnosis {
  return {
    class: 'unknown',
    temporary: true,
    who_acts: 'nobody',
    would_other_route_help: false,
    local_cause: false,
    retry_after: null,
    title,
    explanation: '',
    advice: '',
  };
}

let next = 1;

/** A delivery in this state. */
export function delivery(state: Delivery['state'], more: Partial<Delivery> = {}): Delivery {
  return {
    id: next++,
    address: 'anna@example.org',
    state,
    hold: null,
    route: null,
    next_attempt_at: null,
    due_since: after(0),
    tries: 0,
    diagnosis: null,
    changed_at: after(0),
    ...more,
  };
}

/** A letter's row. */
export function letterRow(letter: number | null, more: Partial<LetterRow> = {}): LetterRow {
  return {
    letter,
    outgoing: null,
    mailbox: 1,
    from: [{ name: 'Anna', address: 'anna@example.org' }],
    to: [],
    subject: 'Minutes',
    snippet: '',
    date: after(-60),
    unread: false,
    flagged: false,
    answered: false,
    forwarded: false,
    attachments: 0,
    mark: null,
    ...more,
  };
}

/** A row of the Outbox. */
export function outgoingRow(more: Partial<OutgoingRow> = {}): OutgoingRow {
  return {
    id: 1,
    from: 'Robin',
    to: ['anna@example.org'],
    subject: 'Invitation',
    created_at: after(-60),
    mark: { state: 'deferred', total: 1, taken: 0, refused: 0, open: 1 },
    next_attempt_at: null,
    title: '',
    late: false,
    ...more,
  };
}

/** A side bar with one account that has these mailboxes. */
export function sidebar(mailboxes: [number, Role][]): Sidebar {
  const of = ([id, role]: [number, Role]) => ({
    id,
    account: 1,
    path: role,
    name: role,
    separator: '/',
    role,
    selectable: true,
    subscribed: true,
    total: 0,
    unread: 0,
  });
  return {
    inbox_unread: 0,
    outbox: 0,
    outbox_mark: null,
    paused: false,
    scheduled: 0,
    drafts: 0,
    accounts: [
      {
        id: 1,
        address: 'robin@example.org',
        practice: false,
        mailboxes: mailboxes.map(of),
        sync: { sync: 'up-to-date' },
      },
    ],
  };
}
