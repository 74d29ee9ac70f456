// Orders that lead elsewhere: another route, and writing it anew.

import { call } from '../engine/call';
import type { OutgoingView, RoutePolicy } from '../engine/types';
import { words } from '../words';
import { composer } from './composer.svelte';
import { attempt } from './notices.svelte';
import { session } from './session.svelte';

/** A route to choose from. */
export type RouteOption = { value: RoutePolicy; name: string };

/** Auto, direct, and the smart hosts of the account that it is sent from; of all accounts where it has none. */
export function otherRoutes({ outgoing }: OutgoingView): RouteOption[] {
  const own = session.accounts.filter(({ id }) => outgoing.account === null || id === outgoing.account);
  const hosts = own.flatMap((account) => account.smart_hosts.map(({ name }) => ({ value: name, name })));
  return [
    { value: 'auto', name: words.delivery.routeAuto },
    { value: 'direct', name: words.delivery.routeDirect },
    ...hosts,
  ];
}

/** Opens it as a draft again, to those who did not get it. */
export async function editAgain({ outgoing }: OutgoingView): Promise<void> {
  await attempt(async () => composer.open(await call('outgoing_edit', { outgoing: outgoing.id })));
}
