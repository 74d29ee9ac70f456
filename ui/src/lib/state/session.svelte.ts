// What the window knows of the engine as a whole: accounts, the side bar, and whether there is anything to show yet.

import { asFailure, call, type CallFailed } from '../engine/call';
import { preferences } from './preferences.svelte';
import type { Account, AccountId, Mailbox, MailboxId, Sidebar, SyncState } from '../engine/types';

/** How far the window has come. */
export type Stage = 'starting' | 'failed' | 'welcome' | 'ready';

const EMPTY: Sidebar = {
  inbox_unread: 0,
  outbox: 0,
  outbox_mark: null,
  paused: false,
  scheduled: 0,
  drafts: 0,
  accounts: [],
};
const UNDO_SECONDS = 10;

class Session {
  stage = $state<Stage>('starting');
  failure = $state.raw<CallFailed | null>(null);
  sidebar = $state.raw<Sidebar>(EMPTY);
  accounts = $state.raw<Account[]>([]);
  undoSeconds = $state(UNDO_SECONDS);
  #turn = 0;

  async start(): Promise<void> {
    if (this.stage === 'failed') this.stage = 'starting';
    try {
      await Promise.all([this.refreshAccounts(), this.refreshSettings()]);
    } catch (error) {
      this.failure = asFailure(error);
      this.stage = 'failed';
    }
  }

  async refreshAccounts(): Promise<void> {
    this.accounts = await call('account_list', {});
    await this.refreshSidebar();
    this.stage = this.accounts.length === 0 ? 'welcome' : 'ready';
  }

  async refreshSidebar(): Promise<void> {
    const turn = ++this.#turn;
    const sidebar = await call('sidebar', {});
    if (turn === this.#turn) this.sidebar = sidebar;
  }

  async refreshSettings(): Promise<void> {
    const [value] = await Promise.all([call('setting_get', { key: 'outbound.undo_seconds' }), preferences.refresh()]);
    const seconds = Number(value ?? UNDO_SECONDS);
    this.undoSeconds = Number.isFinite(seconds) && seconds >= 0 ? seconds : UNDO_SECONDS;
  }

  /** What the sync of an account does now; nothing needs to be asked for that. */
  synced(account: AccountId, sync: SyncState): void {
    const accounts = this.sidebar.accounts.map((one) => (one.id === account ? { ...one, sync } : one));
    this.sidebar = { ...this.sidebar, accounts };
  }

  /** The mailbox of this number, as the side bar knows it. */
  mailbox(id: MailboxId | null): Mailbox | undefined {
    return this.mailboxes.find((mailbox) => mailbox.id === id);
  }

  /** A mailbox by its whole name, with its account. */
  mailboxTitle(mailbox: Mailbox): string {
    return [mailbox.path, this.account(mailbox.account)?.address ?? ''].filter((part) => part !== '').join(', ');
  }

  get mailboxes(): Mailbox[] {
    return this.sidebar.accounts.flatMap((account) => account.mailboxes);
  }

  /** The user's own addresses, in lower case. */
  ownAddresses: ReadonlySet<string> = $derived(
    new Set(this.accounts.flatMap(({ identities }) => identities.map(({ address }) => address.toLowerCase()))),
  );

  account(id: AccountId): Account | undefined {
    return this.accounts.find((account) => account.id === id);
  }

  get hasPractice(): boolean {
    return this.accounts.some((account) => account.practice);
  }
}

export const session = new Session();
