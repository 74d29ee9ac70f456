// The network that this computer is on, and what is known of it: that of the real accounts, or of the practice world where
// there are no others. Asked for when an event says that it may be another one.

import { call } from '../engine/call';
import type { AccountId, NetworkNow } from '../engine/types';
import { session } from './session.svelte';

class Network {
  now = $state.raw<NetworkNow | null>(null);
  #turn = 0;

  /** Whose network is shown: `null` is the real one. */
  get account(): AccountId | null {
    const { accounts } = session;
    return accounts.some(({ practice }) => !practice) ? null : (accounts[0]?.id ?? null);
  }

  async refresh(): Promise<void> {
    const turn = ++this.#turn;
    const now = await call('network_now', { account: this.account });
    if (turn === this.#turn) this.now = now;
  }
}

export const network = new Network();
