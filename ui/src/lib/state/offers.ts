// What taking back means: for a letter that was sent, and for letters that were moved.

import { call } from '../engine/call';
import type { LetterId, LetterRow, MailboxId, OutgoingId } from '../engine/types';
import { dateAndTime } from '../pure/dates';
import { lettersOf } from '../pure/threads';
import { words } from '../words';
import { composer } from './composer.svelte';
import { desk } from './desk.svelte';
import { session } from './session.svelte';
import { undo, type Offer } from './undo.svelte';

const STAYS = 10_000;

/** A letter that was sent opens again to be written on, for as long as it is still here. */
export function offerSent(outgoing: OutgoingId, at: Date | null): void {
  if (session.undoSeconds === 0 && at === null) return;
  const stays = Math.max(session.undoSeconds * 1000, at ? STAYS : 0);
  undo.offer({
    kind: 'sent',
    said: at ? words.undo.scheduled(dateAndTime(at, new Date())) : words.undo.inOutbox,
    until: new Date(Date.now() + stays),
    counts: at === null,
    take: async () => composer.open(await call('outgoing_undo', { outgoing })),
  });
}

/** Letters that were moved go back to where they came from. */
export function offerMoved(rows: LetterRow[], said: string, done: Promise<boolean>): void {
  const source = desk.letterList?.source;
  const offer: Offer = {
    kind: 'changed',
    said,
    until: new Date(Date.now() + STAYS),
    counts: false,
    take: async () => {
      if (!(await done)) return;
      for (const [mailbox, letters] of byMailbox(rows)) {
        await call('letter_change', { letters, change: { change: 'move', mailbox } });
      }
      if (desk.letterList?.source === source) await showAgain(rows);
    },
  };
  undo.offer(offer);
  void done.then((could) => could || undo.withdraw(offer));
}

function byMailbox(rows: LetterRow[]): Map<MailboxId, LetterId[]> {
  const groups = new Map<MailboxId, LetterId[]>();
  for (const row of rows) {
    if (row.mailbox !== null) groups.set(row.mailbox, [...(groups.get(row.mailbox) ?? []), ...lettersOf(row)]);
  }
  return groups;
}

async function showAgain([first]: LetterRow[]): Promise<void> {
  const list = desk.letterList;
  await list?.refresh();
  const index = first?.letter ? (list?.indexOf(first.letter) ?? -1) : -1;
  if (index >= 0 && list === desk.letterList && list?.several.size === 0) desk.moveTo(index);
}
