// What is changed about letters: seen in their list at once, then done by the engine.

import { call } from '../engine/call';
import type { Changed, LetterChange, LetterRow } from '../engine/types';
import { lettersOfAll } from '../pure/threads';
import { desk } from './desk.svelte';
import { notices } from './notices.svelte';
import { making } from './overtaken';
import { undo } from './undo.svelte';

/** How long it can be taken back. */
const STAYS = 10_000;

/** Changes letters. Tells whether it could be done; what went wrong is shown. */
export async function change(rows: LetterRow[], what: LetterChange): Promise<boolean> {
  return (await changed(rows, what)) !== null;
}

/** The same, with what the engine said. */
export async function changed(rows: LetterRow[], what: LetterChange): Promise<Changed | null> {
  const ids = lettersOfAll(rows);
  if (ids.length === 0) return null;
  desk.letterList?.foresee(new Set(ids), what);
  try {
    return (await making(call('letter_change', { letters: ids, change: what }))) ?? { undo: null };
  } catch (error) {
    notices.fail(error);
    void desk.letterList?.refresh();
    return null;
  }
}

/** Offers to take back what the engine can take back. */
export function offerUndo(said: string, number: number | null): void {
  if (number === null) return notices.say(said);
  undo.offer({
    kind: 'changed',
    said,
    until: new Date(Date.now() + STAYS),
    counts: false,
    take: async () => {
      await call('letter_undo', { undo: number });
      await desk.letterList?.refresh();
    },
  });
}
