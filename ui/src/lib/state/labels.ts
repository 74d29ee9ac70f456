// Labels that are taken off: gone at once where they are shown, and back where that is undone.

import type { LabelView, LetterRow } from '../engine/types';
import { words } from '../words';
import { changed, offerUndo } from './changes';

/** Takes a label off; the letter stays wherever else it is. */
export async function takeOff(row: LetterRow, label: LabelView): Promise<void> {
  if (label.mailbox === null) return;
  const done = await changed([row], { change: 'unlabel', mailbox: label.mailbox });
  if (done === null) return;
  offerUndo(words.labels.taken(label.name), done.undo);
}
