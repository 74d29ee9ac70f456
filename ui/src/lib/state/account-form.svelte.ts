// The form that adds an account: first the address and the password, then the servers that were found, then what they
// said to the login. Servers are shown before any of them is told the password.

import { asFailure, type CallFailed } from '../engine/call';
import type {
  AccountForm,
  AccountTest,
  Discovery,
  FoundAccount,
  OAuthProviderView,
  ServerForm,
} from '../engine/types';
import { isAddress } from '../pure/address';
import { words } from '../words';
import { add, discover, test } from './accounts';
import { SignIn } from './sign-in.svelte';

/** What the form is doing. */
export type Work = 'looking' | 'checking' | 'adding' | null;

/** Where the form stands. */
export type Step = 'address' | 'found' | 'by-hand';

const IMAP: ServerForm = { host: '', port: 993, security: 'tls', user: '', login: 'password' };
const SMTP: ServerForm = { host: '', port: 465, security: 'tls', user: '', login: 'password' };

export class AddingAccount {
  name = $state('');
  address = $state('');
  password = $state('');
  user = $state('');
  imap = $state<ServerForm>({ ...IMAP });
  smtp = $state<ServerForm>({ ...SMTP });
  useImap = $state(true);
  useSmtp = $state(true);
  step = $state<Step>('address');
  work = $state<Work>(null);
  discovery = $state.raw<Discovery | null>(null);
  /** Of what was found, the one that is taken. */
  taken = $state(0);
  test = $state.raw<AccountTest | null>(null);
  problem = $state.raw<{ message: string; hint: string } | null>(null);
  badAddress = $state(false);
  /** Hosts that the user took though nothing but unsigned DNS names them. */
  accepted = $state<string[]>([]);
  readonly signIn = new SignIn();

  constructor() {
    void this.signIn.load();
  }

  /** The servers of which the form is made. */
  get found(): FoundAccount | null {
    return this.discovery?.found[this.taken] ?? null;
  }

  /** The provider that one can sign in at. */
  get provider(): OAuthProviderView | null {
    const word = this.discovery?.provider?.oauth ?? null;
    return this.signIn.providers.find(({ provider }) => provider === word) ?? null;
  }

  /** From the address to the servers. */
  async look(database?: boolean): Promise<void> {
    this.badAddress = !isAddress(this.address.trim());
    if (this.badAddress) return;
    await this.#during('looking', async () => {
      this.discovery = await discover(this.address.trim(), database);
      if (this.discovery.found.length > 0) this.take(0);
      else this.byHand();
    });
  }

  /** Of the servers in use, those that nothing but unsigned DNS names. */
  get hearsay(): string[] {
    const named = [this.found?.imap, this.found?.smtp].filter((found) => found?.hearsay);
    const hosts = new Set(named.map((found) => found?.server.host));
    const used = [this.useImap ? this.imap.host : '', this.useSmtp ? this.smtp.host : ''];
    return [...new Set(used.filter((host) => hosts.has(host)))];
  }

  /** Whether a server waits for a word of the user’s before it is told the password. */
  get unanswered(): boolean {
    return this.signIn.done === null && this.hearsay.some((host) => !this.accepted.includes(host));
  }

  /** Takes a server that nothing but unsigned DNS names, or takes that back. */
  accept(host: string, accepted: boolean): void {
    this.accepted = this.accepted.filter((other) => other !== host);
    if (accepted) this.accepted.push(host);
  }

  /** Takes what one source named. */
  take(at: number): void {
    this.taken = at;
    this.changed();
    const found = this.found;
    if (found === null) return;
    this.useImap = found.imap !== null;
    this.useSmtp = found.smtp !== null;
    this.imap = found.imap ? { ...found.imap.server } : { ...IMAP };
    this.smtp = found.smtp ? { ...found.smtp.server } : { ...SMTP };
    this.user = '';
    this.step = 'found';
  }

  /** Shows the servers to be changed. */
  byHand(): void {
    this.step = 'by-hand';
  }

  /** Signs in at the provider, and then takes its tokens for the servers. */
  async sign(by: 'browser' | 'code'): Promise<void> {
    const provider = this.provider?.provider;
    if (provider === undefined) return;
    const args = { address: this.address.trim(), provider };
    const done = by === 'browser' ? await this.signIn.inBrowser(args) : await this.signIn.byCode(args);
    if (!done) return;
    this.#takeProviders();
    this.imap.login = 'token';
    this.smtp.login = 'token';
    await this.check();
  }

  /** Its tokens go to the provider’s own servers alone, whatever else was found. */
  #takeProviders(): void {
    const at =
      this.discovery?.found.findIndex(({ origin }) => origin === 'provider' || origin === 'mail-hosts') ?? -1;
    if (at >= 0 && at !== this.taken && this.step === 'found') this.take(at);
  }

  /** Logs in everywhere, and adds the account where that works. */
  async check(): Promise<void> {
    if (!this.#complete()) return;
    this.test = null;
    await this.#during('checking', async () => (this.test = await test(this.#args())));
    if (this.test && this.works) await this.add();
  }

  /** Adds the account as it is. */
  async add(): Promise<void> {
    if (this.#complete()) await this.#during('adding', () => add(this.#args()));
  }

  /** Trusts the certificate that a server showed, and tries again. */
  async trust(which: 'imap' | 'smtp'): Promise<void> {
    const shown = this.test?.[which]?.certificate ?? this.found?.[which]?.answers.certificate;
    if (!shown) return;
    this[which].trusted = shown.sha256;
    await this.check();
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

  /** Another address has other servers. */
  addressChanged(): void {
    this.changed();
    this.discovery = null;
    this.accepted = [];
    this.step = 'address';
  }

  #complete(): boolean {
    this.badAddress = !isAddress(this.address.trim());
    if (!this.useImap && !this.useSmtp) this.problem = { message: words.account.nothingChosen, hint: '' };
    else if (this.unanswered) this.problem = { message: words.adding.hearsay.first, hint: '' };
    else this.problem = null;
    return !this.badAddress && this.problem === null;
  }

  #args() {
    const form: AccountForm = {
      address: this.address.trim(),
      name: this.name.trim(),
      imap: this.useImap ? $state.snapshot(this.imap) : null,
      smtp: this.useSmtp ? $state.snapshot(this.smtp) : null,
      user: this.user.trim(),
    };
    const args = { form, password: this.password };
    return this.signIn.done ? { ...args, sign_in: this.signIn.done.signIn } : args;
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
