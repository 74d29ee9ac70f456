// What was learned of the domains that letters went to.

import { call } from '../engine/call';
import type { DestinationView } from '../engine/types';
import { attempt } from './notices.svelte';

class Destinations {
  list = $state.raw<DestinationView[]>([]);
  loaded = $state(false);

  async fetch(): Promise<void> {
    await attempt(async () => {
      this.list = await call('destination_list', {});
      this.loaded = true;
    });
  }
}

export const destinations = new Destinations();
