// A route that is to be taken always: for an address that one sends from, or for a domain that one writes to.

import type { Account, Identity, RoutePolicy } from '../engine/types';
import { routeWay } from '../pure/routes';
import { ruleFor, withRule } from '../pure/rules';
import { words } from '../words';
import { update } from './accounts';
import { composer } from './composer.svelte';
import { attempt, notices } from './notices.svelte';

const say = words.composer;

/** What is sent from an address goes this way, unless something else is said. */
export async function alwaysFrom(account: Account, { id, address }: Identity, route: RoutePolicy): Promise<void> {
  const identities = account.identities.map((one) => (one.id === id ? { ...one, route } : one));
  await remember({ ...account, identities }, say.rememberedFrom(address, routeWay(route)));
}

/** What goes to a domain goes this way, unless something else is said. */
export async function alwaysTo(account: Account, domain: string, route: RoutePolicy): Promise<void> {
  const rules = withRule(account.rules, { domain, route });
  await remember({ ...account, rules }, say.rememberedTo(ruleFor(domain), routeWay(route)));
}

async function remember(account: Account, told: string): Promise<void> {
  await attempt(async () => {
    await update(account);
    notices.say(told);
  });
  composer.foresight.lookSoon();
}
