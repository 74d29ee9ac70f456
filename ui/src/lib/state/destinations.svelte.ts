// What was learned of the domains that letters went to.

import { asFailure, call, type CallFailed } from '../engine/call';
import type { DestinationView } from '../engine/types';

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
}

export const destinations = new Destinations();
