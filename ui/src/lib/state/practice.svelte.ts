// The places of the practice world.

import { call } from '../engine/call';
import type { PracticePlace } from '../engine/types';
import { composer } from './composer.svelte';
import { attempt } from './notices.svelte';
import { session } from './session.svelte';

/** One takes a letter, one asks for patience, one says no. */
const THREE = ['prompt.test', 'greylist.test', 'nobody.test'];

class Practice {
  places = $state.raw<PracticePlace[]>([]);

  async fetch(): Promise<void> {
    await attempt(async () => (this.places = await call('practice_places', {})));
  }

  /** Three places that answer in three ways; none where the world has no such places. */
  get three(): string[] {
    const found = THREE.map((domain) => this.places.find(({ address }) => address.endsWith(`@${domain}`))?.address);
    return found.every((address) => address !== undefined) ? found : [];
  }

  /** Begins a letter to places, from the practice account. */
  async write(...addresses: string[]): Promise<void> {
    const account = session.accounts.find(({ practice }) => practice)?.id ?? null;
    await composer.begin(`mailto:${addresses.map(encodeURIComponent).join(',')}`, account);
  }
}

export const practice = new Practice();
