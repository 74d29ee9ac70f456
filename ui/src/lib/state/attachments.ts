// Files of letters, written where the user says.

import { call } from '../engine/call';
import { chooseTarget } from '../engine/shell';
import type { AttachmentView, LetterView } from '../engine/types';
import { words } from '../words';
import { attempt, notices } from './notices.svelte';

/** Asks where to, and saves there. */
export async function saveAttachment({ row }: LetterView, file: AttachmentView): Promise<void> {
  const { letter } = row;
  if (letter === null) return;
  await attempt(async () => {
    const path = await chooseTarget(words.letter.saveTitle, file.name);
    if (path === null) return;
    await call('attachment_save', { letter, part: file.part, path });
    notices.say(words.letter.savedTo(file.name));
  });
}
