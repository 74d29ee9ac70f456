// What is changed about letters: seen in their list at once, then done by the engine.

import { call } from '../engine/call';
import type { LetterChange, LetterId, LetterRow } from '../engine/types';
import { desk } from './desk.svelte';
import { notices } from './notices.svelte';

/** Changes letters. Tells whether it could be done; what went wrong is shown. */
export async function change(rows: LetterRow[], what: LetterChange): Promise<boolean> {
  const ids = rows.flatMap(({ letter }): LetterId[] => (letter === null ? [] : [letter]));
  if (ids.length === 0) return false;
  desk.letterList?.foresee(new Set(ids), what);
  try {
    await call('letter_change', { letters: ids, change: what });
    return true;
  } catch (error) {
    notices.fail(error);
    void desk.letterList?.refresh();
    return false;
  }
}
