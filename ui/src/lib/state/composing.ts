// What the composer's buttons do beyond the letter itself.

import { chooseFiles } from '../engine/shell';
import { timeOfDay } from '../pure/dates';
import { words } from '../words';
import { asking } from './asking.svelte';
import { composer } from './composer.svelte';
import { attempt } from './notices.svelte';

/** Asks for files and attaches them. */
export async function attachByDialog(): Promise<void> {
  await attempt(async () => composer.attach(await chooseFiles(words.composer.attach)));
}

/** Throws the draft away, after a question unless there is nothing in it. */
export async function discard(): Promise<void> {
  const { discardAsk: heading, discardText: text, discard: accept, keep: refuse } = words.composer;
  if (composer.saved === 'fresh' || (await asking.ask({ heading, text, accept, refuse, danger: true }))) {
    await composer.discard();
  }
}

/** Where the draft is with the disk, in words. */
export function savedWords(): string {
  const say = words.composer;
  switch (composer.saved) {
    case 'fresh':
      return '';
    case 'changed':
    case 'saving':
      return say.saving;
    case 'failed':
      return say.saveFailed;
    case 'saved':
      return composer.savedAt ? say.savedAt(timeOfDay(composer.savedAt)) : '';
  }
}
