// Asks for a sync out of turn.

import { call } from '../engine/call';

/** Syncs all accounts now. */
export function syncNow(): Promise<null> {
  return call('sync_now', { account: null });
}
