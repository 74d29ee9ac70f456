// The places of the practice world.

import { call } from '../engine/call';
import type { PracticePlace } from '../engine/types';
import { composer } from './composer.svelte';
import { attempt } from './notices.svelte';
import { session } from './session.svelte';

class Practice {
  places = $state.raw<PracticePlace[]>([]);

  async fetch(): Promise<void> {
    await attempt(async () => (this.places = await call('practice_places', {})));
  }

  /** Begins a letter to a place, from the practice account. */
  async write(address: string): Promise<void> {
    const account = session.accounts.find(({ practice }) => practice)?.id ?? null;
    await composer.begin(`mailto:${address}`, account);
  }
}

export const practice = new Practice();
