// Whether letters would arrive from here: what is known of this network and of each identity on it, and of the networks
// before. Looking anew is ordered here; what comes of it is kept by the engine and comes back from there.

import { asFailure, call, type CallFailed } from '../engine/call';
import type { CheckLine, CheckReport, Finding, NetworkHistory, NetworkReport, NetworkView } from '../engine/types';
import { asText } from '../pure/findings';
import { words } from '../words';
import { asking } from './asking.svelte';
import { network } from './network.svelte';
import { attempt, notices } from './notices.svelte';
import { session } from './session.svelte';

/** A check of one thing, with what it is called and when it was made. */
export interface Checked {
  title: string;
  at: string;
  report: CheckReport;
}

class Deliverability {
  history = $state.raw<NetworkHistory[]>([]);
  /** An earlier check that is shown in place of the latest. */
  earlier = $state.raw<NetworkReport | null>(null);
  running = $state(false);
  failure = $state.raw<CallFailed | null>(null);

  /** What is shown: an earlier check, or the latest of this network and of each identity. */
  get checked(): Checked[] {
    const say = words.deliverability;
    if (this.earlier) return [{ title: say.network, at: this.earlier.at, report: this.earlier.report }];
    const { now } = network;
    const latest = now?.latest ? [{ title: say.network, at: now.latest.at, report: now.latest.report }] : [];
    const identities = (now?.identities ?? []).map(({ address, at, report }) => ({
      title: say.identity(address),
      at,
      report,
    }));
    return [...latest, ...identities];
  }

  /** Everything that is shown, for a support request. */
  get text(): string {
    return this.checked.map(({ title, report }) => asText(title, report)).join('\n');
  }

  /** The network that this computer is on, with its checks; `undefined` where nothing is kept of it. */
  get here(): NetworkHistory | undefined {
    return this.history.find(({ here }) => here);
  }

  get others(): NetworkHistory[] {
    return this.history.filter(({ here }) => !here);
  }

  /** Asks what is known; nobody else is asked. */
  async refresh(): Promise<void> {
    try {
      await network.refresh();
      this.history = await call('network_history', { account: network.account });
    } catch (error) {
      this.failure = asFailure(error);
    }
  }

  /** Whether nobody said how others see this computer, and somebody could: the practice world is on this computer. */
  get wantsStun(): boolean {
    const isUnknown = ({ check, found }: Finding) => check === 'public-address' && found === 'not-known';
    const report = this.earlier ? null : network.now?.latest?.report;
    return network.account === null && (report?.findings.some(isUnknown) ?? false);
  }

  /**
   * Checks the network, and then each identity: how others see this computer is known by then. A STUN server that is
   * named is asked that as well.
   */
  async run(stun: string | null = null): Promise<void> {
    if (this.running) return;
    this.running = true;
    this.failure = null;
    this.earlier = null;
    try {
      const { account } = network;
      // Hosts that were asked a moment ago are asked again only because the user wants it.
      const again = Boolean(network.now?.latest);
      const report = await call('check_network', { account, again, stun });
      const own = session.accounts.filter(({ practice }) => account !== null || !practice);
      const addresses = own.flatMap(({ identities }) => identities.map((one) => one.address));
      const looks = [...new Set(addresses)].map((address) => call('check_identity', { address }));
      // What was found of the others counts all the same.
      const failed = (await Promise.allSettled(looks)).find((look) => look.status === 'rejected');
      if (failed) this.failure = asFailure(failed.reason);
      await this.refresh();
      notices.announce(words.deliverability.done(report.verdict));
    } catch (error) {
      this.failure = asFailure(error);
    } finally {
      this.running = false;
    }
  }

  /** Shows an earlier check, or with `null` the latest. */
  async open(check: CheckLine | null): Promise<void> {
    this.earlier = check && ((await attempt(() => call('network_check_show', { check: check.id }))) ?? null);
  }

  async rename({ id }: NetworkView, name: string): Promise<void> {
    await attempt(() => call('network_rename', { network: id, name }));
    await this.refresh();
  }

  /** Tells whether it was forgotten: it is asked first. */
  async forget({ id, name }: NetworkView): Promise<boolean> {
    const { heading, text, accept, refuse } = words.networks.forgetting;
    if (!(await asking.ask({ heading: heading(name), text, accept, refuse, danger: true }))) return false;
    const done = await attempt(() => call('network_forget', { network: id }).then(() => true));
    this.earlier = null;
    await this.refresh();
    return done === true;
  }
}

export const deliverability = new Deliverability();
