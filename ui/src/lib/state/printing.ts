// Printing, and saving as PDF: the shell lays a letter out on paper, without anything of the window around it.

import { chooseTarget, printDocument } from '../engine/shell';
import { call } from '../engine/call';
import type { LetterId } from '../engine/types';
import { words } from '../words';
import { attempt, notices } from './notices.svelte';

/** Opens the system's dialog for printing. */
export async function printLetter(letter: LetterId): Promise<void> {
  await attempt(() => printDocument(letter, null));
}

/** Asks where to, and writes the letter as a PDF. */
export async function saveAsPdf(letter: LetterId): Promise<void> {
  await attempt(async () => {
    const { row } = await call('letter_show', { letter });
    const path = await chooseTarget(words.reading.savePdfTitle, `${fileName(row.subject)}.pdf`);
    if (path === null) return;
    await printDocument(letter, path);
    notices.say(words.reading.pdfSaved);
  });
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
