// Printing, and saving as PDF: the shell lays a letter out on paper, without anything of the window around it.

import { chooseTarget, printDocument } from '../engine/shell';
import { call } from '../engine/call';
import type { LetterId, LetterView } from '../engine/types';
import { words } from '../words';
import { conversation } from './conversation.svelte';
import { attempt, notices } from './notices.svelte';
import { reader } from './reader.svelte';

/** Opens the system's dialog for printing. */
export async function printLetter(letter: LetterId): Promise<void> {
  await attempt(async () => printDocument(letter, showsRemote(await call('letter_show', { letter })), null));
}

/** Asks where to, and writes the letter as a PDF. */
export async function saveAsPdf(letter: LetterId): Promise<void> {
  await attempt(async () => {
    const view = await call('letter_show', { letter });
    const path = await chooseTarget(words.reading.savePdfTitle, `${fileName(view.row.subject)}.pdf`);
    if (path === null) return;
    await printDocument(letter, showsRemote(view), path);
    notices.say(words.reading.pdfSaved);
  });
}

/** Whether the images from elsewhere are shown on the screen: this once, or by a permission. */
function showsRemote({ row: { letter }, look }: LetterView): boolean {
  if (look.images_by !== null) return true;
  return letter !== null && (conversation.remote.has(letter) || (reader.remote && reader.letterId === letter));
}

/** A subject as the name of a file. */
export function fileName(subject: string): string {
  const name = subject
    .replace(/[\p{C}/\\:*?"<>|]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/^[.-]+|[. ]+$/g, '');
  return name.slice(0, 80) || words.reading.untitled;
}
