// An account in the settings. Its From addresses are a copy until they are saved; its smart hosts and rules change at
// once.

import type { Account, Identity, RoutePolicy, SmartHost } from '../engine/types';
import { moved } from '../pure/order';
import { ruleDomain, whyNoRule } from '../pure/rules';
import { words } from '../words';
import { remove, update } from './accounts';
import { asking } from './asking.svelte';
import { attempt, notices } from './notices.svelte';
import { session } from './session.svelte';

const say = words.settings;

/** From addresses while they are being changed. */
export class ChangingIdentities {
  identities: Identity[] = $state([]);
  changed = $state(false);

  constructor(account: Account) {
    this.identities = structuredClone(account.identities);
  }

  async save(account: Account): Promise<void> {
    await attempt(async () => {
      const saved = await update({ ...account, identities: $state.snapshot(this.identities) });
      this.identities = structuredClone(saved.identities);
      this.changed = false;
      notices.say(say.saved);
    });
  }

  /** Takes over routes that changed elsewhere: a smart host that is gone cannot be a default any more. */
  follow(identities: Identity[]): void {
    for (const own of this.identities) {
      const stored = identities.find(({ id }) => id === own.id);
      if (stored && !this.changed) Object.assign(own, stored);
      else if (stored && !known(own.route)) own.route = stored.route;
    }
  }
}

function known(route: RoutePolicy): boolean {
  const hosts = session.accounts.flatMap((account) => account.smart_hosts.map(({ name }) => name));
  return ['auto', 'direct', ...hosts].includes(route);
}

/** Moves a smart host by one place. */
export async function moveSmartHost(account: Account, host: SmartHost, by: -1 | 1): Promise<void> {
  const at = account.smart_hosts.findIndex(({ id }) => id === host.id);
  await attempt(async () => {
    await update({ ...account, smart_hosts: moved(account.smart_hosts, at, by) });
    notices.announce(say.smartHosts.moved(host.name, at + by + 1, account.smart_hosts.length));
  });
}

/** Removes a smart host after a question, and what refers to it. Tells whether it is gone. */
export async function removeSmartHost(account: Account, host: SmartHost): Promise<boolean> {
  const { removeAsk, removeText: text, removed } = say.smartHosts;
  const question = { heading: removeAsk(host.name), text, accept: words.common.remove, refuse: words.common.cancel };
  if (!(await asking.ask({ ...question, danger: true }))) return false;
  const done = await attempt(async () => {
    const smart_hosts = account.smart_hosts.filter(({ id }) => id !== host.id);
    const rules = account.rules.filter(({ route }) => route !== host.name);
    const identities = account.identities.map((identity) =>
      identity.route === host.name ? { ...identity, route: 'auto' } : identity,
    );
    await update({ ...account, smart_hosts, rules, identities });
    notices.announce(removed(host.name));
    return true;
  });
  return done ?? false;
}

/** Removes an account after a question. */
export async function removeAccount(account: Account): Promise<void> {
  const heading = say.removeAsk(account.address);
  const question = { heading, text: say.removeText, accept: say.removeAccount, refuse: words.common.cancel };
  if (await asking.ask({ ...question, danger: true })) await attempt(() => remove(account.id));
}

/** A rule while it is being written. */
export class NewRule {
  domain = $state('');
  route = $state<RoutePolicy>('direct');
  problem = $state('');

  async add(account: Account): Promise<void> {
    this.problem = whyNoRule(this.domain, account.rules) ?? '';
    if (this.problem !== '') return;
    const domain = ruleDomain(this.domain);
    await attempt(async () => {
      await update({ ...account, rules: [...account.rules, { domain, route: this.route }] });
      this.domain = '';
      notices.announce(say.rules.added(domain));
    });
  }
}

/** Takes a rule away. */
export async function removeRule(account: Account, domain: string): Promise<void> {
  await attempt(async () => {
    await update({ ...account, rules: account.rules.filter((rule) => rule.domain !== domain) });
    notices.announce(say.rules.removed(domain));
  });
}
