// The form for a smart host: a new one, from what is known of a provider or by hand, or one that is there. A login is
// tried before it is stored, unless one insists.

import { asFailure, call } from '../engine/call';
import type { Account, LoginForm, Security, Server, ServerTest, SmartHost, SmartHostPreset } from '../engine/types';
import { words } from '../words';
import { addSmartHost, setPassword, update } from './accounts';
import { attempt, notices } from './notices.svelte';
import { session } from './session.svelte';

const say = words.settings.smartHosts;

/** What the form is doing. */
export type Work = 'testing' | 'saving' | null;

export class SmartHostForm {
  readonly account: Account;
  /** The one that is being changed; `null` for a new one. */
  readonly host: SmartHost | null;
  presets = $state.raw<SmartHostPreset[]>([]);
  /** The name of the provider that was chosen; empty for by hand. */
  provider = $state('');
  name = $state('');
  server = $state<{ host: string; port: number; security: Security }>({ host: '', port: 465, security: 'tls' });
  user = $state('');
  login = $state<LoginForm>('password');
  secret = $state('');
  work = $state<Work>(null);
  test = $state.raw<ServerTest | null>(null);
  problem = $state.raw<{ message: string; hint: string } | null>(null);
  done = $state(false);

  constructor(account: Account, host: SmartHost | null) {
    this.account = account;
    this.host = host;
    this.user = host?.server.user ?? account.address;
    if (!host) return;
    this.name = host.name;
    this.server = { host: host.server.host, port: host.server.port, security: host.server.security };
    this.login = host.server.login;
  }

  async fetchPresets(): Promise<void> {
    await attempt(async () => (this.presets = await call('smart_host_presets', {})));
  }

  get preset(): SmartHostPreset | undefined {
    return this.presets.find(({ name }) => name === this.provider);
  }

  /** Fills in what is known of a provider; by hand leaves what is there. */
  choose(provider: string): void {
    this.provider = provider;
    this.changed();
    const { preset } = this;
    if (!preset) return;
    this.name = this.#freeName(preset.name);
    this.server = { host: preset.host, port: preset.port, security: preset.security };
    this.login = preset.login;
    if (preset.user.form === 'address') this.user = this.account.address;
    else this.user = preset.user.form === 'fixed' ? preset.user.name : '';
  }

  /** What was found no longer holds. */
  changed(): void {
    this.test = null;
    this.problem = null;
  }

  /** Tries the login; without a password in the field, with the one that is stored. */
  async check(): Promise<void> {
    this.changed();
    const { account, host } = this;
    const stored = host && this.secret === '' ? { account: account.id, smart_host: host.name } : {};
    const args = { ...stored, server: this.#server(), secret: this.secret || null };
    await this.#during('testing', async () => (this.test = await call('smart_host_test', args)));
  }

  /** Tries the login, and stores the smart host where that works. */
  async checkAndSave(): Promise<void> {
    this.#look();
    if (this.problem) return;
    await this.check();
    if (this.test?.ok) await this.save();
  }

  /** Stores it as it is. */
  async save(): Promise<void> {
    this.#look();
    if (this.problem) return;
    await this.#during('saving', () => (this.host ? this.#change(this.host) : this.#add()));
  }

  async #add(): Promise<void> {
    const { account } = this;
    const secret = this.secret || null;
    await addSmartHost({ account: account.id, name: this.name.trim(), server: this.#server(), secret });
    notices.announce(say.added(this.name.trim()));
    this.done = true;
  }

  async #change(host: SmartHost): Promise<void> {
    const name = this.name.trim();
    const renamed = (route: string) => (route === host.name ? name : route);
    const { account } = this;
    await update({
      ...account,
      identities: account.identities.map((identity) => ({ ...identity, route: renamed(identity.route) })),
      rules: account.rules.map((rule) => ({ ...rule, route: renamed(rule.route) })),
      smart_hosts: account.smart_hosts.map((one) =>
        one.id === host.id ? { ...one, name, server: this.#server() } : one,
      ),
    });
    if (this.secret !== '') await setPassword(account.id, name, this.secret);
    notices.say(words.settings.saved);
    this.done = true;
  }

  #look(): void {
    const name = this.name.trim().toLowerCase();
    const reserved = name === 'auto' || name === 'direct';
    const taken = this.#taken().has(name);
    this.problem = reserved || taken ? { message: reserved ? say.nameReserved : say.nameTaken, hint: '' } : null;
  }

  #server(): Server {
    const { host, port, security } = this.server;
    return { host: host.trim(), port, security, user: this.user.trim(), login: this.login };
  }

  #freeName(wanted: string): string {
    const taken = this.#taken();
    let name = wanted;
    for (let number = 2; taken.has(name.toLowerCase()); number += 1) name = `${wanted} ${number}`;
    return name;
  }

  /** Routes are called by these names everywhere, so that no two accounts may share one. */
  #taken(): Set<string> {
    const all = session.accounts.flatMap((account) => account.smart_hosts);
    return new Set(all.filter(({ id }) => id !== this.host?.id).map(({ name }) => name.toLowerCase()));
  }

  /** One thing at a time. */
  async #during(work: Work, act: () => Promise<unknown>): Promise<void> {
    if (this.work !== null) return;
    this.work = work;
    this.problem = null;
    try {
      await act();
    } catch (error) {
      const { message, hint } = asFailure(error);
      this.problem = { message, hint };
    }
    this.work = null;
  }
}
