// The form that adds an account: first the address and the password, then the servers, then what they said.

import { asFailure, type CallFailed } from '../engine/call';
import type { AccountForm, AccountTest, ServerForm } from '../engine/types';
import { isAddress } from '../pure/address';
import { words } from '../words';
import { add, suggest, test } from './accounts';

/** What the form is doing. */
export type Work = 'looking' | 'checking' | 'adding' | null;

const IMAP: ServerForm = { host: '', port: 993, security: 'tls' };
const SMTP: ServerForm = { host: '', port: 465, security: 'tls' };

export class AddingAccount {
  name = $state('');
  address = $state('');
  password = $state('');
  user = $state('');
  imap = $state<ServerForm>({ ...IMAP });
  smtp = $state<ServerForm>({ ...SMTP });
  useImap = $state(true);
  useSmtp = $state(true);
  /** Whether the servers are shown. */
  detailed = $state(false);
  work = $state<Work>(null);
  test = $state.raw<AccountTest | null>(null);
  problem = $state.raw<{ message: string; hint: string } | null>(null);
  badAddress = $state(false);

  /** From the address to the servers. */
  async look(): Promise<void> {
    this.badAddress = !isAddress(this.address.trim());
    if (this.badAddress) return;
    await this.#during('looking', async () => this.#fill(await suggest(this.address.trim())));
  }

  /** Logs in everywhere, and adds the account where that works. */
  async check(): Promise<void> {
    if (!this.#complete()) return;
    this.test = null;
    await this.#during('checking', async () => (this.test = await test(this.#form(), this.password)));
    if (this.test && this.works) await this.add();
  }

  /** Adds the account as it is. */
  async add(): Promise<void> {
    if (this.#complete()) await this.#during('adding', () => add(this.#form(), this.password));
  }

  /** Whether every login of the last test worked. */
  get works(): boolean {
    return this.test !== null && this.test.imap?.ok !== false && this.test.smtp?.ok !== false;
  }

  /** What was found no longer holds. */
  changed(): void {
    this.test = null;
    this.problem = null;
  }

  #fill(form: AccountForm): void {
    this.useImap = form.imap !== null;
    this.useSmtp = form.smtp !== null;
    this.imap = form.imap ?? { ...IMAP };
    this.smtp = form.smtp ?? { ...SMTP };
    this.user = form.user;
    if (this.name === '') this.name = form.name;
    this.detailed = true;
  }

  #complete(): boolean {
    this.badAddress = !isAddress(this.address.trim());
    if (!this.useImap && !this.useSmtp) this.problem = { message: words.account.nothingChosen, hint: '' };
    else this.problem = null;
    return !this.badAddress && this.problem === null;
  }

  #form(): AccountForm {
    return {
      address: this.address.trim(),
      name: this.name.trim(),
      imap: this.useImap ? { ...this.imap } : null,
      smtp: this.useSmtp ? { ...this.smtp } : null,
      user: this.user.trim(),
    };
  }

  async #during(work: Work, act: () => Promise<unknown>): Promise<void> {
    this.work = work;
    this.problem = null;
    try {
      await act();
    } catch (error) {
      const { message, hint }: CallFailed = asFailure(error);
      this.problem = { message, hint };
    }
    this.work = null;
  }
}
