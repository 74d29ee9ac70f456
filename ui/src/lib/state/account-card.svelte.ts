// An account while it is being changed: a copy, until it is saved.

import type { Account } from '../engine/types';
import { words } from '../words';
import { remove, update } from './accounts';
import { asking } from './asking.svelte';
import { attempt, notices } from './notices.svelte';

/** The number of a smart host that is not stored yet. */
const NEW = 0;

export class ChangingAccount {
  account: Account = $state(empty());
  changed = $state(false);

  constructor(account: Account) {
    this.account = structuredClone(account);
  }

  addSmartHost(): void {
    const { address } = this.account;
    const name = this.#freeName(address.slice(address.indexOf('@') + 1));
    const server = { host: '', port: 465, security: 'tls' as const, user: address };
    this.account.smart_hosts.push({ id: NEW, name, server });
    this.changed = true;
  }

  removeSmartHost(index: number): void {
    const [removed] = this.account.smart_hosts.splice(index, 1);
    for (const identity of this.account.identities) {
      if (identity.route === removed?.name) identity.route = 'auto';
    }
    this.changed = true;
  }

  async save(): Promise<void> {
    await attempt(async () => {
      this.account = structuredClone(await update($state.snapshot(this.account)));
      this.changed = false;
      notices.say(words.settings.saved);
    });
  }

  async remove(): Promise<void> {
    const { removeAsk, removeText: text, removeAccount: accept } = words.settings;
    const heading = removeAsk(this.account.address);
    const sure = await asking.ask({ heading, text, accept, refuse: words.common.cancel, danger: true });
    if (sure) await attempt(() => remove(this.account.id));
  }

  #freeName(wanted: string): string {
    const taken = new Set(this.account.smart_hosts.map(({ name }) => name));
    let name = wanted;
    for (let number = 2; taken.has(name); number += 1) name = `${wanted} ${number}`;
    return name;
  }
}

function empty(): Account {
  return { id: 0, address: '', imap: null, identities: [], smart_hosts: [], practice: false };
}
