// Labels that are taken off: gone at once where they are shown, and back where that is undone.

import { call } from '../engine/call';
import type { LabelView, LetterRow } from '../engine/types';
import { words } from '../words';
import { changed } from './changes';
import { notices } from './notices.svelte';
import { undo } from './undo.svelte';

/** How long it can be taken back. */
const STAYS = 10_000;

/** Takes a label off; the letter stays wherever else it is. */
export async function takeOff(row: LetterRow, label: LabelView): Promise<void> {
  if (label.mailbox === null) return;
  const done = await changed([row], { change: 'unlabel', mailbox: label.mailbox });
  if (done === null) return;
  const number = done.undo;
  const said = words.labels.taken(label.name);
  if (number === null) return notices.say(said);
  undo.offer({
    kind: 'changed',
    said,
    until: new Date(Date.now() + STAYS),
    counts: false,
    take: async () => {
      await call('letter_undo', { undo: number });
    },
  });
}
