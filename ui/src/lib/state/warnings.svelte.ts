// The page of a warning: opened by its name from whatever raised it, and what its buttons do.

import { asFailure, call } from '../engine/call';
import type {
  AttemptId,
  AccountId,
  Calls,
  CheckReport,
  DeliveryId,
  Finding,
  OutgoingId,
  RoutePolicy,
  WarningAction,
  WarningName,
  WarningPage,
} from '../engine/types';
import { warnings as say } from '../words/warnings';
import { update } from './accounts';
import { composer } from './composer.svelte';
import { desk } from './desk.svelte';
import { attempt, notices } from './notices.svelte';
import { reader } from './reader.svelte';
import { session } from './session.svelte';

/** What raised a warning. */
export interface WarningContext {
  outgoing?: OutgoingId;
  delivery?: DeliveryId;
  attempt?: AttemptId;
  finding?: Finding;
  /** When it was found, as RFC 3339. */
  foundAt?: string;
  /** Who would be written to: an address or a domain. */
  recipient?: string;
  /** The address that it would be sent from. */
  sender?: string;
  account?: AccountId;
  /** Lets the letter that is being written go another way. */
  choose?: (route: RoutePolicy) => void;
}

class Warnings {
  page = $state.raw<WarningPage | null>(null);
  context = $state.raw<WarningContext>({});
  /** Whether somebody is being asked. */
  checking = $state(false);
  /** What came of looking again. */
  told = $state('');
  /** The account that a smart host is being added to. */
  adding = $state<AccountId | null>(null);
  #turn = 0;

  /** Opens the page of a warning over whatever is shown. */
  async open(name: WarningName, context: WarningContext = {}): Promise<void> {
    this.context = context;
    this.told = '';
    this.checking = false;
    await this.#show(name);
  }

  close(): void {
    this.#turn += 1;
    this.page = null;
    this.adding = null;
    this.checking = false;
  }

  /** Whether what is open is about this outgoing. */
  concerns(outgoing: OutgoingId): boolean {
    return this.page !== null && this.context.outgoing === outgoing;
  }

  /** Shows what is known by now. */
  async refresh(): Promise<void> {
    if (this.page) await this.#show(this.page.name);
  }

  /** The smart host that the letter that is being written could go through. */
  get choice(): string | null {
    return this.context.choose ? (this.page?.smart_host ?? null) : null;
  }

  /** Lets the letter that is being written go through it. */
  choose(route: string): void {
    this.context.choose?.(route);
    this.close();
    notices.say(say.chosen(route));
  }

  /** Does what a button says. */
  async act(action: WarningAction): Promise<void> {
    switch (action.action) {
      case 'hand-over':
        return void (await attempt(() => this.#handOver(action)));
      case 'send-through':
        return void (await attempt(() => this.#sendThrough(action)));
      case 'add-smart-host':
        this.adding = action.account;
        return;
      case 'edit':
        return void (await attempt(async () => {
          const draft = await call('outgoing_edit', { outgoing: action.outgoing });
          this.close();
          await composer.open(draft);
        }));
      case 'signing':
        this.close();
        await desk.go({ at: 'settings', page: 'signing' });
        return;
      case 'check-identity':
        return this.#look(() => call('check_identity', { address: action.address }));
      case 'check-network':
        return this.#look(() => call('check_network', { account: action.account, again: true, stun: null }));
    }
  }

  /** The form for a smart host was closed: by now there may be one. */
  async added(): Promise<void> {
    this.adding = null;
    await this.refresh();
  }

  async #handOver({ route, letters }: Extract<WarningAction, { action: 'hand-over' }>): Promise<void> {
    for (const { outgoing, delivery } of letters) {
      try {
        await call('outgoing_order', { outgoing, delivery, order: { order: 'route', route } });
      } catch (error) {
        // One that has left meanwhile needs no other way.
        if (asFailure(error).code !== 'no-change') throw error;
      }
    }
    this.close();
    // Several recipients of the letter that the page is about are one letter.
    notices.say(say.handedOver(this.context.outgoing === undefined ? letters.length : 1, route));
    await reader.refresh();
  }

  async #sendThrough({ account, senders, route }: Extract<WarningAction, { action: 'send-through' }>): Promise<void> {
    const before = session.accounts.find(({ id }) => id === account);
    if (!before) return;
    const identities = before.identities.map((one) => (senders.includes(one.address) ? { ...one, route } : one));
    await update({ ...before, identities });
    await this.refresh();
    notices.say(say.sentThrough(senders.join(', '), route));
  }

  async #look(check: () => Promise<CheckReport>): Promise<void> {
    const name = this.page?.name;
    if (!name || this.checking) return;
    const turn = this.#turn;
    this.checking = true;
    this.told = '';
    await attempt(async () => {
      const { findings } = await check();
      if (turn !== this.#turn) return;
      const finding = findings.find(({ warning }) => warning === name);
      const context = { ...this.context };
      delete context.finding;
      delete context.foundAt;
      this.context = finding ? { ...context, finding, foundAt: new Date().toISOString() } : context;
      await this.#show(name);
      this.told = finding ? say.foundAgain : say.goneNow;
    });
    this.checking = false;
  }

  async #show(name: WarningName): Promise<void> {
    const turn = ++this.#turn;
    await attempt(async () => {
      const page = await call('warning_show', asked(name, this.context));
      if (turn === this.#turn) this.page = page;
    });
  }
}

function asked(name: WarningName, context: WarningContext): Calls['warning_show']['args'] {
  const { outgoing, delivery, attempt, finding, foundAt, recipient, sender, account } = context;
  const known = { outgoing, delivery, attempt, finding, found_at: foundAt, recipient, sender, account };
  return { name, ...Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)) };
}

export const warnings = new Warnings();
