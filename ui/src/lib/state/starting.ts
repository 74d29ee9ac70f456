// Asks for everything once, at the start and after accounts came or went.

import { desk } from './desk.svelte';
import { session } from './session.svelte';

/** Starts, or starts again after a failure. */
export async function begin(): Promise<void> {
  await session.start();
  if (session.stage === 'ready') await desk.refresh();
}
