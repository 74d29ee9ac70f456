// What was learned of the domains that letters went to.

import { asFailure, call, type CallFailed } from '../engine/call';
import type { DestinationView } from '../engine/types';
import { words } from '../words';
import { attempt, notices } from './notices.svelte';

class Destinations {
  list = $state.raw<DestinationView[]>([]);
  loaded = $state(false);
  failure = $state.raw<CallFailed | null>(null);

  async fetch(): Promise<void> {
    try {
      this.list = await call('destination_list', {});
      this.loaded = true;
      this.failure = null;
    } catch (error) {
      this.failure = asFailure(error);
    }
  }

  /** Forgets what was learned of one. Tells whether it is gone. */
  async forget({ domain }: DestinationView): Promise<boolean> {
    const done = await attempt(async () => {
      this.list = await call('destination_forget', { domain });
      notices.announce(words.destinations.forgotten(domain));
      return true;
    });
    return done ?? false;
  }
}

export const destinations = new Destinations();
