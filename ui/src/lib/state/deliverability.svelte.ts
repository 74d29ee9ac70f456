// Whether letters would arrive from here: the last check of this network and of each identity.

import { asFailure, call, type CallFailed } from '../engine/call';
import type { CheckReport } from '../engine/types';
import { asText } from '../pure/findings';
import { words } from '../words';
import { notices } from './notices.svelte';

/** A check of one thing, with what it is called. */
export interface Checked {
  title: string;
  report: CheckReport;
}

class Deliverability {
  checked = $state.raw<Checked[]>([]);
  /** When that was. */
  at = $state.raw<Date | null>(null);
  running = $state(false);
  failure = $state.raw<CallFailed | null>(null);

  /** Everything that was found, for a support request. */
  get text(): string {
    return this.checked.map(({ title, report }) => asText(title, report)).join('\n');
  }

  /** Checks the network, and then each identity: how others see this computer is known by then. */
  async run(): Promise<void> {
    if (this.running) return;
    this.running = true;
    this.failure = null;
    try {
      const say = words.deliverability;
      const all = await call('account_list', {});
      const real = all.filter(({ practice }) => !practice);
      const account = real.length === 0 ? (all[0]?.id ?? null) : null;
      // Hosts that were asked a moment ago are asked again only because the user wants it.
      const report = await call('check_network', { account, again: this.at !== null, stun: null });
      const addresses = (real.length === 0 ? all : real).flatMap(({ identities }) =>
        identities.map((one) => one.address),
      );
      const looks = [...new Set(addresses)].map(async (address) => ({
        title: say.identity(address),
        report: await call('check_identity', { address }),
      }));
      const identities = await Promise.allSettled(looks);
      const found = identities.filter((look) => look.status === 'fulfilled').map(({ value }) => value);
      this.checked = [{ title: say.network, report }, ...found];
      this.at = new Date();
      // What was found of the others counts all the same.
      const failed = identities.find((look) => look.status === 'rejected');
      if (failed) this.failure = asFailure(failed.reason);
      notices.announce(say.done(report.verdict));
    } catch (error) {
      this.failure = asFailure(error);
    } finally {
      this.running = false;
    }
  }
}

export const deliverability = new Deliverability();
