// The pause of the whole engine: nothing leaves while it lasts.

import { call } from '../engine/call';
import { words } from '../words';
import { attempt, notices } from './notices.svelte';
import { session } from './session.svelte';

/** Pauses sending, or lets it go on. */
export async function pauseSending(paused: boolean): Promise<void> {
  await attempt(async () => {
    await call('setting_set', { key: 'outbound.paused', value: paused ? 'true' : null });
    await session.refreshSidebar();
    notices.announce(paused ? words.sending.saidPaused : words.sending.saidResumed);
  });
}
